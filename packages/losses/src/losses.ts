/**
 * The losses of a Transfusion model (Zhou et al. 2024, equation 4): sums over a batch, each divided by the count of
 * the whole step only when they are joined. So micro-batches and packed documents add up to exactly what one batch
 * would give.
 */
import * as tf from '@tensorflow/tfjs';

/**
 * Sums the cross-entropy of the expected tokens, in nats. Its mean is over the weights' sum. First derivatives only.
 *
 * @param logits [T, V]
 * @param targets int32 [T], from 0 to V - 1; anything where the weight is 0
 * @param weights float32 [T]; 0 leaves a position out
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D, weights: tf.Tensor1D): tf.Scalar {
  const [T, V] = logits.shape;
  // A target of weight 0 may be anything, but it must be an index.
  const valid = targets.maximum(tf.scalar(0, 'int32')).minimum(tf.scalar(V - 1, 'int32'));
  const indices = tf.stack([tf.range(0, T, 1, 'int32'), valid], 1); // [T, 2]
  const nats = natsAt(logits, indices); // [T]
  return nats.mul(weights).sum();
}

/**
 * -log softmax(logits) at one index of each row. The gradient is softmax(logits), less 1 at the index: two passes
 * over the memory of the logits, without one-hot rows of their size.
 */
function natsAt(logits: tf.Tensor2D, indices: tf.Tensor): tf.Tensor {
  return tf.customGrad((x, save) => {
    const rows = x as tf.Tensor;
    const highest = rows.max(-1, true);
    const exps = rows.sub(highest).exp();
    const sums = exps.sum(-1, true); // [T, 1]
    (save as (tensors: tf.Tensor[]) => void)([exps, sums, indices]);
    return {
      value: sums.log().add(highest).squeeze([-1]).sub(tf.gatherND(rows, indices)),
      gradFunc: (dy: tf.Tensor, [savedExps, savedSums, at]: tf.Tensor[]): tf.Tensor => {
        const gradient = savedExps.mul(dy.expandDims(-1).div(savedSums));
        return tf.tensorScatterUpdate(gradient, at, tf.gatherND(gradient, at).sub(dy));
      },
    };
  })(logits);
}

/**
 * Sums the squared error of a diffusion model's prediction (Ho et al. 2020, equation 14). Its mean is over the
 * latent elements of all spans: weights change how much an error counts, not what it is divided by.
 *
 * @param prediction [N, ...L]
 * @param target [N, ...L]
 * @param weights [N]: of each span's error; 0 for slots that hold no span
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

/** A part of a joint loss: a sum, the count that makes it a mean, and the weight of that mean. */
export interface LossPart {
  readonly sum: tf.Scalar;
  /** Of all micro-batches of the step together; 0 if the part does not occur. */
  readonly count: tf.Scalar;
  /** λ; a tensor if it changes from batch to batch. */
  readonly weight: number | tf.Scalar;
}

/** Joins the weighted means of the parts: Σ λ · sum / count. A part with count 0 adds 0. */
export function jointLoss(parts: readonly LossPart[]): tf.Scalar {
  return tf.addN(
    parts.map(({ sum, count, weight }) => tf.div(sum, tf.maximum(count, 1e-12)).mul(weight)),
  ) as tf.Scalar;
}
