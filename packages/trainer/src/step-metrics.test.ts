import * as tf from '@transfusion/tfjs';
import { expect, test } from 'vitest';
import { describeNonFinite, flatMetrics, readReport } from './step-metrics.js';

const paths = ['tokenEmbedding.weight', 'adapters.sound.in.weight', 'adapters.sound.out.weight'];

/** A report of a skipped step. */
function reportOf(loss: number, sums: Readonly<Record<string, number>>, squaredGradNorms: readonly number[]) {
  return {
    loss: tf.scalar(loss),
    gradNorm: tf.scalar(Math.sqrt(squaredGradNorms.reduce((sum, square) => sum + square))),
    squaredGradNorms: tf.tensor1d([...squaredGradNorms]),
    applied: tf.scalar(0),
    sums: Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, tf.scalar(sum)])),
  };
}

test.each([
  ['parts of the loss', NaN, { tokens: 4, image: NaN }, [NaN, NaN, NaN], ['loss of image']],
  ['their sum alone', Infinity, { tokens: 3e38, image: 3e38 }, [NaN, NaN, NaN], ['loss']],
  ['a gradient', 1, { tokens: 4, image: 4 }, [1, Infinity, 1], ['gradient of adapters.sound.in.weight']],
  ['the norm of all gradients', 1, { tokens: 4, image: 4 }, [3e38, 3e38, 1], ['gradient norm']],
])('names %s', async (_, loss, sums, squares, nonFinite) => {
  const report = await readReport(reportOf(loss, sums, squares), { tokens: 2, image: 2 }, paths);
  expect(report).toMatchObject({ applied: false, nonFinite });
  const sizes = { step: 1, learningRate: 1, stepMs: 1, waitMs: 0, documents: 1, elements: 1, fill: 1 };
  expect(flatMetrics({ ...report, ...sizes })).not.toHaveProperty('nonFinite');
});

test('a part that did not occur has no mean', async () => {
  const { parts } = await readReport(
    reportOf(1, { tokens: 4, image: 0 }, [1]),
    { tokens: 2, image: 0 },
    paths,
  );
  expect(parts).toEqual({ tokens: 2 });
});

test('long lists are cut', () => {
  expect(describeNonFinite(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
});
