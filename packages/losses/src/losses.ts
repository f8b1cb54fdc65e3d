/**
 * The losses of a Transfusion model (Zhou et al. 2024, equation 4): sums over a batch, divided by the counts of the full
 * step only when they are combined. So micro-batches and packed documents give exactly the same result as one large batch.
 */
import * as tf from '@transfusion/tfjs';

/**
 * Sums the cross-entropy of the target tokens, in nats. For the mean, divide by the sum of the weights. First derivatives
 * only.
 *
 * @param logits [T, V]
 * @param targets int32 [T], from 0 to V - 1; ignored where the weight is 0
 * @param weights float32 [T]; 0 ignores a position
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D, weights: tf.Tensor1D): tf.Scalar {
  const [T, V] = logits.shape;
  // Targets with weight 0 may be out of range, but `gatherND` needs an index.
  const valid = targets.maximum(tf.scalar(0, 'int32')).minimum(tf.scalar(V - 1, 'int32'));
  const indices = tf.stack([tf.range(0, T, 1, 'int32'), valid], 1); // [T, 2]
  const nats = negativeLogProbs(logits, indices); // [T]
  return nats.mul(weights).sum();
}

/**
 * Computes -log softmax(logits) at one index of each row. The gradient is softmax(logits), minus 1 at the index: two
 * passes over the logits, without one-hot rows of the same size.
 */
function negativeLogProbs(logits: tf.Tensor2D, indices: tf.Tensor): tf.Tensor {
  return tf.customGrad((x, save) => {
    const rows = x as tf.Tensor;
    const maxima = rows.max(-1, true);
    const exps = rows.sub(maxima).exp();
    const sums = exps.sum(-1, true); // [T, 1]
    (save as (tensors: tf.Tensor[]) => void)([exps, sums, indices]);
    return {
      value: sums.log().add(maxima).squeeze([-1]).sub(tf.gatherND(rows, indices)),
      gradFunc: (dy: tf.Tensor, [savedExps, savedSums, at]: tf.Tensor[]): tf.Tensor => {
        const gradient = savedExps.mul(dy.expandDims(-1).div(savedSums));
        return tf.tensorScatterUpdate(gradient, at, tf.gatherND(gradient, at).sub(dy));
      },
    };
  })(logits);
}

/**
 * Sums the squared error of a diffusion model's prediction (Ho et al. 2020, equation 14). For the mean, divide by the
 * number of latent elements of all spans, regardless of the weights.
 *
 * @param prediction [N, ...L]
 * @param target [N, ...L]
 * @param weights [N]: weight of each span's error; 0 for empty slots
 */
export function diffusionLoss(prediction: tf.Tensor, target: tf.Tensor, weights: tf.Tensor1D): tf.Scalar {
  const N = weights.shape[0];
  const errors = prediction
    .sub(target)
    .square()
    .reshape([N, prediction.size / N])
    .sum(1); // [N]
  return errors.mul(weights).sum();
}

/** A part of a joint loss: a sum, its count, and the weight of the mean. */
export interface LossPart {
  readonly sum: tf.Scalar;
  /** Count over all micro-batches of the step; 0 if the part does not occur. */
  readonly count: tf.Scalar;
  /** λ; a tensor if it changes between batches. */
  readonly weight: number | tf.Scalar;
}

/** Adds up the weighted means of the parts: Σ λ · sum / count. A part with count 0 adds 0. */
export function jointLoss(parts: readonly LossPart[]): tf.Scalar {
  return tf.addN(
    parts.map(({ sum, count, weight }) => tf.div(sum, tf.maximum(count, 1e-12)).mul(weight)),
  ) as tf.Scalar;
}
