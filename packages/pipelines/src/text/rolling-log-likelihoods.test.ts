import * as tf from '@transfusion/tfjs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { golden, goldenLlama } from '../testing-internals/golden-llama.js';
import {
  rollingLogLikelihoods,
  rollingWindows,
  type RollingLogLikelihood,
  type RollingLogLikelihoodsOptions,
} from './rolling-log-likelihoods.js';

async function all(
  texts: readonly string[],
  options: RollingLogLikelihoodsOptions,
): Promise<RollingLogLikelihood[]> {
  await tf.setBackend('onnxruntime');
  const results: RollingLogLikelihood[] = [];
  for await (const result of rollingLogLikelihoods(await goldenLlama(), texts, options)) results.push(result);
  return results;
}

it.each([24, 32, 256])('are those of lm-evaluation-harness, with %i positions', async (maxLength) => {
  const expected = golden.rolling.filter((likelihood) => likelihood.maxLength === maxLength);
  const found = await all(
    expected.map(({ text }) => text),
    { maxLength },
  );
  found.forEach(({ logProb, numTokens }, i) => {
    expect(numTokens).toBe(expected[i].numTokens);
    expect(logProb).toBeCloseTo(expected[i].logProb, 4);
  });
});

it('score each token once, with at most as many inputs as the model sees', () => {
  const sizes = fc.record({
    numTokens: fc.nat(40),
    maxLength: fc.integer({ min: 1, max: 12 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(sizes, ({ numTokens, maxLength, part }) => {
      const stride = 1 + Math.floor(part * (maxLength - 1));
      const ids = Int32Array.from({ length: numTokens + 1 }, (_, i) => i);
      const windows = rollingWindows(ids, maxLength, stride);
      const scored = windows.flatMap((window) => [...window.ids.subarray(window.contextLength)]);
      expect(scored).toEqual([...ids.subarray(1)]);
      windows.forEach((window, w) => {
        expect(window.contextLength).toBeGreaterThanOrEqual(1);
        expect(window.ids.length - 1).toBeLessThanOrEqual(maxLength);
        // All windows but the first are full, and score no more than the stride.
        if (w === 0) return;
        expect(window.ids.length - 1).toBe(maxLength);
        expect(window.ids.length - window.contextLength).toBeLessThanOrEqual(stride);
      });
    }),
  );
});

it('know more with a smaller stride, and nothing of an empty text', async () => {
  const [{ text }] = golden.rolling.filter(({ maxLength }) => maxLength === 24);
  const [empty, wide, last] = await all(['', text, ''], { maxLength: 24 });
  expect([empty, last]).toEqual([
    { logProb: 0, numTokens: 0 },
    { logProb: 0, numTokens: 0 },
  ]);
  const [narrow] = await all([text], { maxLength: 24, stride: 5 });
  expect(narrow.numTokens).toBe(wide.numTokens);
  expect(narrow.logProb).not.toBeCloseTo(wide.logProb, 2);
});

it.each([
  [{ stride: 0 }, 'rollingLogLikelihoods: stride is 0, expected an integer from 1 to 2048 (maxLength).'],
  [{ maxLength: 4, stride: 5 }, 'stride is 5, expected an integer from 1 to 4 (maxLength).'],
  [{ maxLength: 1.5 }, 'rollingLogLikelihoods: maxLength is 1.5, expected a positive integer.'],
])('refuse %o', async (options, message) => {
  await expect(all(['a'], options)).rejects.toThrow(message);
});
