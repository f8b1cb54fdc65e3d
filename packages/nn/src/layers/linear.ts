import * as tf from '@transfusion/tfjs';
import { normal, zeros } from '../initializers.js';
import type { Rng } from '../rng.js';

/**
 * Parameters of {@link linear}: `weight` [inDim, outDim] (the transpose of PyTorch's), and optionally `bias`
 * [outDim].
 */
export type LinearParams = {
  readonly weight: tf.Tensor;
  readonly bias?: tf.Tensor;
};

/** Initializes {@link linear}: normal weights, of standard deviation 1/√inDim unless set, and zero bias. */
export function initLinear(
  rng: Rng,
  inDim: number,
  outDim: number,
  { stddev = 1 / Math.sqrt(inDim), bias = false }: { stddev?: number; bias?: boolean } = {},
): LinearParams {
  const weight = normal(rng, [inDim, outDim], stddev);
  return bias ? { weight, bias: zeros([outDim]) } : { weight };
}

/** Computes x · weight + bias on the last axis: [..., inDim] -> [..., outDim]. */
export function linear({ weight, bias }: LinearParams, x: tf.Tensor): tf.Tensor {
  const [inDim, outDim] = weight.shape;
  const product = tf.matMul(x.reshape([-1, inDim]), weight as tf.Tensor2D);
  const y = bias === undefined ? product : product.add(bias);
  return y.reshape([...x.shape.slice(0, -1), outDim]);
}
