import type { StepMetrics } from '@transfusion/trainer';
import { expect, test } from 'vitest';
import { createProgressDisplay } from './progress.js';

function metrics(step: number, changes: Partial<StepMetrics> = {}): StepMetrics {
  return {
    step,
    loss: 3,
    parts: { tokens: 1, image: 0.4 },
    gradNorm: 1,
    learningRate: 1,
    applied: true,
    elements: 1000,
    documents: 1,
    fill: 1,
    stepMs: 500,
    waitMs: 50,
    ...changes,
  };
}

function recordDisplay(isTTY: boolean, logEvery = 2, columns = 200) {
  const chunks: string[] = [];
  const output = { isTTY, columns, write: (chunk: string) => chunks.push(chunk) > 0 };
  const progress = createProgressDisplay({
    totalSteps: 4,
    flopsPerStep: 1e9,
    peakFlops: 4e9,
    output: output as unknown as NodeJS.WritableStream,
    logEvery,
  });
  return { progress, chunks };
}

test('a file gets a line every logEvery steps and at the last', () => {
  const { progress, chunks } = recordDisplay(false, 3);
  for (let step = 1; step <= 4; step++) progress.step(metrics(step));
  progress.note('a note');
  expect(chunks).toEqual([
    'step 3/4  loss 3.000  tokens 1.000  image 0.400  2.00 k elements/s  MFU 50%  data wait 10%  ETA 1 s\n',
    'step 4/4  loss 3.000  tokens 1.000  image 0.400  2.00 k elements/s  MFU 50%  data wait 10%  ETA 0 s\n',
    'a note\n',
  ]);
});

test('a terminal has one line, with notes above it', () => {
  const { progress, chunks } = recordDisplay(true);
  progress.step(metrics(2));
  progress.note('a note');
  progress.end();
  const line = '[██████████░░░░░░░░░░] 2/4  loss 3.000  tokens 1.000  image 0.400';
  expect(chunks).toEqual([`\r\u001b[K${line}`, `\r\u001b[Ka note\n${line}`, '\n']);
});

test('a narrow terminal cuts the line', () => {
  const { progress, chunks } = recordDisplay(true, 2, 30);
  progress.step(metrics(2));
  expect(chunks[0]).toHaveLength('\r\u001b[K'.length + 29);
});

test('a skipped step leaves the smoothed loss alone', () => {
  const { progress, chunks } = recordDisplay(false, 1);
  progress.step(metrics(1));
  progress.step(metrics(2, { loss: NaN, applied: false, nonFinite: ['loss of image'] }));
  expect(chunks[1]).toContain('loss 3.000');
  expect(chunks[1]).toContain('(step skipped: non-finite loss of image)');
});
