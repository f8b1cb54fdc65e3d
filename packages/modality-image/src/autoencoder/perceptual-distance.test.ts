import * as tf from '@transfusion/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { perceptualDistance, type FeatureNetwork } from './perceptual-distance.js';

beforeAll(() => tf.setBackend('cpu'));

/** The images themselves, and their halves. */
const network: FeatureNetwork = (images) => [images, tf.avgPool(images, 2, 2, 'valid')];

it('compares directions of features, position by position and depth by depth', () => {
  const white = [3, 4, 0];
  const red = [10, 0, 0];
  const a = tf.tensor4d([...white, ...white, ...white, ...white], [1, 2, 2, 3]);
  const b = tf.tensor4d([...red, ...white, ...white, ...white], [1, 2, 2, 3]);
  // Of length 1: (0.6, 0.8, 0) and (1, 0, 0).
  const first = (0.4 ** 2 + 0.8 ** 2) / 4;
  const mean = [(10 + 9) / 4, 12 / 4];
  const length = Math.hypot(...mean);
  const second = (mean[0] / length - 0.6) ** 2 + (mean[1] / length - 0.8) ** 2;
  expect(perceptualDistance(network, a, b).dataSync()[0]).toBeCloseTo(first + second, 5);
});

it('is a sum over images, and 0 for equal ones', () => {
  const a = tf.randomNormal<tf.Rank.R4>([3, 4, 4, 3], 0, 1, 'float32', 1);
  const b = tf.randomNormal<tf.Rank.R4>([3, 4, 4, 3], 0, 1, 'float32', 2);
  const all = perceptualDistance(network, a, b).dataSync()[0];
  const single = [0, 1, 2].map((n) => {
    const [left, right] = [a, b].map((x) => x.slice([n], [1]));
    return perceptualDistance(network, left, right).dataSync()[0];
  });
  expect(all).toBeCloseTo(single[0] + single[1] + single[2], 4);
  expect(perceptualDistance(network, a, a).dataSync()[0]).toBe(0);
});

it('is finite for zero features, also its gradient', () => {
  const nothing = tf.zeros<tf.Rank.R4>([1, 2, 2, 3]);
  const gradient = tf.grad((x: tf.Tensor) => perceptualDistance(network, x as tf.Tensor4D, nothing.add(1)));
  expect(gradient(nothing).dataSync().every(Number.isFinite)).toBe(true);
});
