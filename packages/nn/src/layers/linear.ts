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
  /** An update of the weight of low rank: `weight` + `down` · `up`. */
  readonly lora?: LoraParams;
};

/** A low-rank update of a weight (Hu et al. 2021, "LoRA"): `down` [inDim, rank], `up` [rank, outDim]. */
export type LoraParams = {
  readonly down: tf.Tensor;
  readonly up: tf.Tensor;
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
export function linear({ weight, bias, lora }: LinearParams, x: tf.Tensor): tf.Tensor {
  const [inDim, outDim] = weight.shape;
  const rows = x.reshape([-1, inDim]) as tf.Tensor2D;
  const product = tf.matMul(rows, weight as tf.Tensor2D);
  const updated = lora === undefined ? product : product.add(throughRank(lora, rows));
  const y = bias === undefined ? updated : updated.add(bias);
  return y.reshape([...x.shape.slice(0, -1), outDim]);
}

/** Never as the product of both, which would be as large as the weight. */
function throughRank({ down, up }: LoraParams, x: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(tf.matMul(x, down as tf.Tensor2D), up as tf.Tensor2D);
}

/** Returns the weight with its low-rank update added; the weight itself if it has none. */
export function mergedWeight({ weight, lora }: LinearParams): tf.Tensor2D {
  const matrix = weight as tf.Tensor2D;
  return lora === undefined
    ? matrix
    : matrix.add(tf.matMul(lora.down as tf.Tensor2D, lora.up as tf.Tensor2D));
}
