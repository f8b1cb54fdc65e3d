/**
 * AdamW (Loshchilov & Hutter 2019, algorithm 2), with the bias corrections folded into the step size
 * and epsilon as at the end of section 2 of Kingma & Ba 2015: the same values with fewer operations
 * for each weight.
 */
import * as tf from '@transfusion/tfjs';
import type { Parameters } from './model.js';

export interface AdamWState {
  readonly parameters: Parameters;
  readonly firstMoments: Parameters;
  readonly secondMoments: Parameters;
  /** β₁ and β₂ to the power of the steps taken. */
  readonly beta1Power: tf.Scalar;
  readonly beta2Power: tf.Scalar;
}

export const adamWDefaults = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.01,
};

export type AdamWOptions = typeof adamWDefaults;

export function initialAdamWState(parameters: Parameters): AdamWState {
  return {
    parameters,
    firstMoments: mapValues(parameters, (p) => tf.zerosLike(p)),
    secondMoments: mapValues(parameters, (p) => tf.zerosLike(p)),
    beta1Power: tf.scalar(1),
    beta2Power: tf.scalar(1),
  };
}

export function adamWStep(state: AdamWState, gradients: Parameters, options = adamWDefaults): AdamWState {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = options;
  const beta1Power = tf.mul(state.beta1Power, beta1) as tf.Scalar;
  const beta2Power = tf.mul(state.beta2Power, beta2) as tf.Scalar;
  const correction = tf.sqrt(tf.sub(1, beta2Power));
  const stepSize = tf.mul(learningRate, tf.div(correction, tf.sub(1, beta1Power)));
  const scaledEpsilon = tf.mul(epsilon, correction);

  const firstMoments = mapValues(gradients, (g, name) =>
    tf.add(tf.mul(state.firstMoments[name], beta1), tf.mul(g, 1 - beta1)),
  );
  const secondMoments = mapValues(gradients, (g, name) =>
    tf.add(tf.mul(state.secondMoments[name], beta2), tf.mul(tf.square(g), 1 - beta2)),
  );
  const parameters = mapValues(state.parameters, (p, name) => {
    const denominator = tf.add(tf.sqrt(secondMoments[name]), scaledEpsilon);
    const update = tf.div(tf.mul(firstMoments[name], stepSize), denominator);
    return tf.sub(tf.mul(p, 1 - learningRate * weightDecay), update);
  });
  return { parameters, firstMoments, secondMoments, beta1Power, beta2Power };
}

function mapValues(values: Parameters, change: (value: tf.Tensor, name: string) => tf.Tensor): Parameters {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]));
}
