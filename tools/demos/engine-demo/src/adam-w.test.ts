import * as tf from '@transfusion/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { adamW } from './adam-w.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

test('makes the steps of tf.train.adam, if there is no weight decay', () => {
  const ours = tf.variable(tf.tensor2d([[1, -2, 3]]));
  const theirs = tf.variable(tf.tensor2d([[1, -2, 3]]));
  const cost = (variable: tf.Variable): tf.Scalar => variable.square().sub(variable.mul(3)).sum();
  const optimizer = adamW([ours], { beta1: 0.9, beta2: 0.99, weightDecay: 0 });
  const reference = tf.train.adam(0.1, 0.9, 0.99, 1e-8);
  for (let step = 0; step < 5; step++) {
    optimizer.update(tf.variableGrads(() => cost(ours), [ours]).grads, tf.scalar(0.1));
    reference.minimize(() => cost(theirs), false, [theirs]);
    ours.dataSync().forEach((value, i) => expect(value).toBeCloseTo(theirs.dataSync()[i]!, 5));
  }
});

test('lets matrices decay, but not gains', () => {
  const matrix = tf.variable(tf.tensor2d([[2]]));
  const gain = tf.variable(tf.tensor1d([2]));
  const gradients = { [matrix.name]: tf.zerosLike(matrix), [gain.name]: tf.zerosLike(gain) };
  adamW([matrix, gain], { weightDecay: 0.1 }).update(gradients, tf.scalar(0.5));
  expect(matrix.dataSync()[0]).toBeCloseTo(2 - 0.5 * 0.1 * 2, 6);
  expect(gain.dataSync()[0]).toBe(2);
});
