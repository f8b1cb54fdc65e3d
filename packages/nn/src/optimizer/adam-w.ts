/**
 * AdamW: Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2), as
 * `torch.optim.AdamW` computes it.
 */
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { flattenParams, mapParams, type Params } from '../params.js';
import type { Optimizer } from './optimizer.js';

/** Options of {@link adamW}. */
export interface AdamWOptions {
  /** Decay rate of the first moment (mean of gradients); defaults to 0.9. */
  readonly beta1?: number;
  /**
   * Decay rate of the second moment (mean of squared gradients); defaults to 0.95, as in the Transfusion
   * paper.
   */
  readonly beta2?: number;
  /** Term added to the denominator; defaults to 1e-8. */
  readonly epsilon?: number;
  /** Weight decay per step, multiplied by the learning rate; defaults to 0.1. */
  readonly weightDecay?: number;
  /**
   * Returns true for parameters with weight decay; defaults to those of rank 2 or more, which excludes norms
   * and biases.
   */
  readonly decays?: (path: string, tensor: tf.Tensor) => boolean;
}

/** Number of steps, and the EMAs of gradients and squared gradients. */
export type AdamWState = {
  readonly count: tf.Tensor;
  readonly mean: Params;
  readonly square: Params;
};

/**
 * Creates the optimizer; its state takes twice the memory of the parameters.
 *
 * @throws TransfusionError `invalid-argument` unless 0 ≤ beta < 1
 */
export function adamW(options: AdamWOptions = {}): Optimizer<AdamWState> {
  const { beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8, weightDecay = 0.1 } = options;
  const { decays = (_, { rank }) => rank >= 2 } = options;
  checkRates({ beta1, beta2 });
  return {
    init: (params) => ({
      count: tf.scalar(0),
      mean: mapParams(params, tf.zerosLike),
      square: mapParams(params, tf.zerosLike),
    }),
    update: (params, gradients, state, learningRate) => {
      const gradientOf = flattenParams(gradients);
      const count = state.count.add(1);
      const mean = mapParams(state.mean, (m, path) => m.mul(beta1).add(gradientOf[path].mul(1 - beta1)));
      const square = mapParams(state.square, (v, path) =>
        v.mul(beta2).add(gradientOf[path].square().mul(1 - beta2)),
      );
      const meanOf = flattenParams(mean);
      const squareOf = flattenParams(square);
      // Bias corrections are applied to scalars, which saves a pass over the parameters.
      const rootCorrection = tf.sqrt(biasCorrection(beta2, count));
      const stepSize = learningRate.mul(rootCorrection).div(biasCorrection(beta1, count));
      const scaledEpsilon = rootCorrection.mul(epsilon);
      const decayFactor = tf.sub(1, learningRate.mul(weightDecay));
      const updated = mapParams(params, (p, path) => {
        const change = meanOf[path].div(squareOf[path].sqrt().add(scaledEpsilon)).mul(stepSize);
        return (decays(path, p) ? p.mul(decayFactor) : p).sub(change);
      });
      return { params: updated, state: { count, mean, square } };
    },
  };
}

/**
 * Computes 1 - beta^count without the cancellation that would lose four digits in float32 at the first steps.
 */
function biasCorrection(beta: number, count: tf.Tensor): tf.Tensor {
  return tf.neg(tf.expm1(count.mul(Math.log(beta))));
}

function checkRates(rates: Readonly<Record<string, number>>): void {
  for (const [name, rate] of Object.entries(rates)) {
    if (rate >= 0 && rate < 1) continue;
    throw new TransfusionError('invalid-argument', `adamW: ${name} is ${rate}, expected 0 to less than 1.`);
  }
}
