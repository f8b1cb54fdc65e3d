import * as tf from '@transfusion/tfjs';
import { flattenParams, mapParams, type Params } from '../params.js';

/** Computes the global L2 norm of the tree's tensors. */
export function globalNorm(tree: Params): tf.Scalar {
  return normOf(squaredNormsOf(tree));
}

/**
 * Scales the tree so that its global norm is at most `maxNorm` (Pascanu, Mikolov & Bengio 2013), as
 * PyTorch's `clip_grad_norm_` does. `norm` is the norm before clipping, and `squaredNorms` the square of that of each
 * tensor, in the tree's order.
 */
export function clipByGlobalNorm<P extends Params>(
  tree: P,
  maxNorm: number,
): { clipped: P; norm: tf.Scalar; squaredNorms: readonly tf.Scalar[] } {
  const squaredNorms = squaredNormsOf(tree);
  const norm = normOf(squaredNorms);
  const scale = tf.minimum(1, tf.div(maxNorm, norm.add(1e-6)));
  return { clipped: mapParams(tree, (tensor) => tensor.mul(scale)), norm, squaredNorms };
}

function squaredNormsOf(tree: Params): tf.Scalar[] {
  return Object.values(flattenParams(tree)).map((tensor) => tensor.square().sum());
}

function normOf(squaredNorms: readonly tf.Scalar[]): tf.Scalar {
  return tf.addN([...squaredNorms]).sqrt() as tf.Scalar;
}
