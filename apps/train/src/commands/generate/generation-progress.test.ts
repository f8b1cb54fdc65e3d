import { expect, test } from 'vitest';
import { createGenerationProgress } from './generation-progress.js';

const step = (request: number, step: number) =>
  ({
    request,
    type: 'denoise-step',
    modality: 'image',
    step,
    numSteps: 9,
    timestep: 500,
    predOriginalSample: new Float32Array(),
  }) as const;

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 50, written, write: (text: string) => written.push(text) > 0 };
}

test('a terminal shows one line, and clears it', () => {
  const output = terminal(true);
  const progress = createGenerationProgress(2, output);
  progress.clear();
  progress.add(step(0, 1));
  progress.add({ request: 0, type: 'end', reason: 'max-spans' });
  progress.add({ request: 1, type: 'token', modality: 'text', id: 5 });
  progress.clear();
  expect(output.written).toEqual([
    `\r\u001b[K[${'░'.repeat(20)}] 0/2  image: denoising step`,
    `\r\u001b[K[${'█'.repeat(10)}${'░'.repeat(10)}] 1/2  1 tokens`,
    '\r\u001b[K',
  ]);
});

test('nothing is shown elsewhere', () => {
  const output = terminal(false);
  const progress = createGenerationProgress(1, output);
  progress.add(step(0, 1));
  progress.clear();
  expect(output.written).toEqual([]);
});
