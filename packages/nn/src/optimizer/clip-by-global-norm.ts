import * as tf from '@transfusion/tfjs';
import { flattenParams, mapParams, type Params } from '../params.js';

/** Computes the global L2 norm of the tree's tensors. */
export function globalNorm(tree: Params): tf.Scalar {
  const squares = Object.values(flattenParams(tree)).map((tensor) => tensor.square().sum());
  return tf.addN(squares).sqrt() as tf.Scalar;
}

/**
 * Scales the tree so that its global norm is at most `maxNorm` (Pascanu, Mikolov & Bengio 2013), as
 * PyTorch's `clip_grad_norm_` does. `norm` is the norm before clipping.
 */
export function clipByGlobalNorm<P extends Params>(
  tree: P,
  maxNorm: number,
): { clipped: P; norm: tf.Scalar } {
  const norm = globalNorm(tree);
  const scale = tf.minimum(1, tf.div(maxNorm, norm.add(1e-6)));
  return { clipped: mapParams(tree, (tensor) => tensor.mul(scale)), norm };
}
