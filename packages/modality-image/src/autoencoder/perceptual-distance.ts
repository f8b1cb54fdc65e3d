import type * as tf from '@transfusion/tfjs';

/**
 * Computes features of images [N, h, w, 3] (from -1 to 1) at several depths of a network, [N, h', w', C] each, with
 * differentiable TensorFlow.js operations. Its weights are not trained.
 */
export type FeatureNetwork = (images: tf.Tensor4D) => readonly tf.Tensor4D[];

/** Avoids a division by the length of a zero vector. */
const EPSILON = 1e-10;

/**
 * Computes the perceptual distance of images: the squared difference of features, normalized at each position, summed
 * over channels and averaged over positions (LPIPS without learned weights, Zhang et al. 2018, equation 1). Sums over
 * images.
 */
export function perceptualDistance(network: FeatureNetwork, a: tf.Tensor4D, b: tf.Tensor4D): tf.Scalar {
  const [left, right] = [network(a), network(b)];
  const distances = left.map((features, depth) => {
    const difference = normalizeFeatures(features).sub(normalizeFeatures(right[depth]));
    return difference.square().sum(-1).mean().mul(a.shape[0]);
  });
  return distances.reduce((sum, distance) => sum.add(distance)) as tf.Scalar;
}

function normalizeFeatures(features: tf.Tensor4D): tf.Tensor {
  return features.div(features.square().sum(-1, true).add(EPSILON).sqrt());
}
