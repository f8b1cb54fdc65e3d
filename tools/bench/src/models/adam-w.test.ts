import * as tf from '@transfusion/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { adamWDefaults, adamWStep, initialAdamWState } from './adam-w.js';

beforeAll(async () => {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
});

test('three steps as the paper writes them', () => {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = adamWDefaults;
  const gradients = [0.5, -2, 0.01];
  let [p, m, v] = [1, 0, 0];
  let state = initialAdamWState({ weight: tf.tensor1d([1]) });
  gradients.forEach((g, i) => {
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g ** 2;
    const mHat = m / (1 - beta1 ** (i + 1));
    const vHat = v / (1 - beta2 ** (i + 1));
    p -= learningRate * (mHat / (Math.sqrt(vHat) + epsilon) + weightDecay * p);
    state = adamWStep(state, { weight: tf.tensor1d([g]) });
  });
  expect(state.parameters.weight.dataSync()[0]).toBeCloseTo(p, 6);
});
