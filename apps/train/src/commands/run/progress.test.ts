import type { StepMetrics } from '@transfusion/trainer';
import { expect, test } from 'vitest';
import { createProgress } from './progress.js';
import { formatAmount, formatBytes, formatDuration } from '../../quantities.js';

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

function written(isTTY: boolean, logEvery = 2, columns = 200) {
  const chunks: string[] = [];
  const output = { isTTY, columns, write: (chunk: string) => chunks.push(chunk) > 0 };
  const progress = createProgress({
    totalSteps: 4,
    flopsPerStep: 1e9,
    peakFlops: 4e9,
    output: output as unknown as NodeJS.WritableStream,
    logEvery,
  });
  return { progress, chunks };
}

test('a file gets a line every so many steps, and the last', () => {
  const { progress, chunks } = written(false, 3);
  for (let step = 1; step <= 4; step++) progress.step(metrics(step));
  progress.note('a note');
  expect(chunks).toEqual([
    'step 3/4  loss 3.000  tokens 1.000  image 0.400  2.00 k el/s  50 % of peak  wait 10 %  eta 1 s\n',
    'step 4/4  loss 3.000  tokens 1.000  image 0.400  2.00 k el/s  50 % of peak  wait 10 %  eta 0 s\n',
    'a note\n',
  ]);
});

test('a terminal has one line, with notes above it', () => {
  const { progress, chunks } = written(true);
  progress.step(metrics(2));
  progress.note('a note');
  progress.end();
  const line = '[██████████░░░░░░░░░░] 2/4  loss 3.000  tokens 1.000  image 0.400';
  expect(chunks).toEqual([`\r\u001b[K${line}`, `\r\u001b[Ka note\n${line}`, '\n']);
});

test('a narrow terminal cuts the line', () => {
  const { progress, chunks } = written(true, 2, 30);
  progress.step(metrics(2));
  expect(chunks[0]).toHaveLength('\r\u001b[K'.length + 29);
});

test('a skipped step leaves the smoothed loss alone', () => {
  const { progress, chunks } = written(false, 1);
  progress.step(metrics(1));
  progress.step(metrics(2, { loss: NaN, applied: false }));
  expect(chunks[1]).toContain('loss 3.000');
  expect(chunks[1]).toContain('(step skipped: not finite)');
});

test('quantities are readable', () => {
  expect([0, 950, 0.5, 5_026_448, 6.7e9, 9.7e16].map(formatAmount)).toEqual([
    '0',
    '950',
    '0.50',
    '5.03 M',
    '6.70 G',
    '97.0 P',
  ]);
  expect([0, 1024, 1.5 * 2 ** 30].map(formatBytes)).toEqual(['0 B', '1.00 KiB', '1.50 GiB']);
  expect([9.4, 200, 7500].map(formatDuration)).toEqual(['9 s', '3 min 20 s', '2 h 05 min']);
});
