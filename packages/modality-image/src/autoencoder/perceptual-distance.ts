import type * as tf from '@tensorflow/tfjs';

/**
 * Features of images [N, h, w, 3] (from -1 to 1) at several depths of some network, [N, h', w', C] each.
 * Differentiable TensorFlow.js operations; weights are the network's own and are not trained.
 */
export type FeatureNetwork = (images: tf.Tensor4D) => readonly tf.Tensor4D[];

/** Avoids a division by the length of a zero vector. */
const EPSILON = 1e-10;

/**
 * Computes how different images look: features are scaled to length 1 at each position, and their squared differences
 * summed over channels and averaged over positions (LPIPS without learned weights, Zhang et al. 2018, equation 1). A sum
 * over the images.
 */
export function perceptualDistance(network: FeatureNetwork, a: tf.Tensor4D, b: tf.Tensor4D): tf.Scalar {
  const [left, right] = [network(a), network(b)];
  const distances = left.map((features, depth) => {
    const difference = unitLength(features).sub(unitLength(right[depth]));
    return difference.square().sum(-1).mean().mul(a.shape[0]);
  });
  return distances.reduce((sum, distance) => sum.add(distance)) as tf.Scalar;
}

function unitLength(features: tf.Tensor4D): tf.Tensor {
  return features.div(features.square().sum(-1, true).add(EPSILON).sqrt());
}
