import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import type { Sample } from './sample.js';
import { frameShare, framesToJudgeBy, type Frame } from './training-rate.js';

function sampleWith(share: number): Sample {
  return { calls: 1, milliseconds: 100, processorMilliseconds: 100 * share * availableParallelism() };
}

function frameWith(steps: number, before: number, after: number): Frame {
  const product = { size: 1, flops: 1, run: () => {}, dispose: () => {} };
  return {
    steps: sampleWith(steps),
    before: new Map([[product, sampleWith(before)]]),
    after: new Map([[product, sampleWith(after)]]),
  };
}

const quiet = frameWith(0.97, 1, 1);

test('a frame is as disturbed as its most disturbed part', () => {
  expect(frameShare(frameWith(0.97, 1, 0.5))).toBeCloseTo(0.5);
  expect(frameShare(frameWith(0.3, 1, 1))).toBeCloseTo(0.3);
});

test('disturbed frames are set aside', () => {
  const frames = [quiet, frameWith(0.5, 1, 1), frameWith(1, 0.8, 1), quiet];
  expect(framesToJudgeBy(frames, 4)).toEqual([quiet, quiet]);
});

test('unless too few are left', () => {
  const frames = [quiet, frameWith(0.5, 1, 1), frameWith(1, 0.8, 1)];
  expect(framesToJudgeBy(frames, 4)).toEqual(frames);
});
