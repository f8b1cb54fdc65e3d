import * as tf from '@tensorflow/tfjs';
import type { LossSum } from './loss-sum.js';

/**
 * Cross-entropy of the expected tokens, in nats. First derivatives only.
 *
 * @param logits [T, V]
 * @param targets int32 [T], from 0 to V - 1; anything where the weight is 0
 * @param weights float32 [T]: how much each position counts; 0 leaves it out
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D, weights: tf.Tensor1D): LossSum {
  const [T, V] = logits.shape;
  // What a target of weight 0 says does not matter, but it must be a place.
  const valid = targets.maximum(tf.scalar(0, 'int32')).minimum(tf.scalar(V - 1, 'int32'));
  const places = tf.stack([tf.range(0, T, 1, 'int32'), valid], 1); // [T, 2]
  const nats = natsAt(logits, places); // [T]
  return { sum: nats.mul(weights).sum() as tf.Scalar, count: weights.sum() as tf.Scalar };
}

/**
 * -log softmax(logits) at one place of each row. The gradient is softmax(logits), less 1 at the place: two passes over
 * the memory of the logits, without one-hot rows of their size.
 */
function natsAt(logits: tf.Tensor2D, places: tf.Tensor): tf.Tensor {
  return tf.customGrad((x, save) => {
    const rows = x as tf.Tensor;
    const highest = rows.max(-1, true);
    const exps = rows.sub(highest).exp();
    const sums = exps.sum(-1, true); // [T, 1]
    (save as (tensors: tf.Tensor[]) => void)([exps, sums, places]);
    return {
      value: sums.log().add(highest).squeeze([-1]).sub(tf.gatherND(rows, places)),
      gradFunc: (dy: tf.Tensor, [savedExps, savedSums, at]: tf.Tensor[]): tf.Tensor => {
        const gradient = savedExps.mul(dy.expandDims(-1).div(savedSums));
        return tf.tensorScatterUpdate(gradient, at, tf.gatherND(gradient, at).sub(dy));
      },
    };
  })(logits);
}
