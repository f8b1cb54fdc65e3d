/**
 * Vector quantization with a learned codebook (van den Oord, Vinyals & Kavukcuoglu 2017, arXiv 1711.00937). Entries are
 * trained by the gradient of the codebook loss, not by moving averages of the vectors, so they are ordinary parameters for
 * optimizer, checkpoints and EMA.
 */
import * as tf from '@transfusion/tfjs';
import { stopGradient } from '@transfusion/nn';

/** Result of {@link quantize}. */
export interface Quantized<T extends tf.Tensor = tf.Tensor> {
  /** Index of each vector's entry, int32 [...]. */
  readonly ids: tf.Tensor;
  /** The entry of each vector. Straight-through gradients (equation 2). */
  readonly quantized: T;
  /** Mean squared distance, with gradients to the entries only: the second term of equation 3. */
  readonly codebookLoss: tf.Scalar;
  /** The same distance, with gradients to the vectors only: the third term without its β. */
  readonly commitmentLoss: tf.Scalar;
}

/**
 * Replaces each vector by the nearest codebook entry.
 *
 * @param codebook [K, C]
 * @param vectors [..., C]
 */
export function quantize<T extends tf.Tensor>(codebook: tf.Tensor2D, vectors: T): Quantized<T> {
  const ids = nearestCodes(codebook, vectors);
  const codes = lookUpCodes(codebook, ids);
  return {
    ids,
    quantized: vectors.add(stopGradient(codes.sub(vectors))),
    codebookLoss: codes.sub(stopGradient(vectors)).square().mean(),
    commitmentLoss: vectors.sub(stopGradient(codes)).square().mean(),
  };
}

/**
 * Finds the nearest entry of each vector by Euclidean distance (equation 1), the first one if there are ties: int32 ids
 * [...]. Needs memory for the distances of all pairs.
 */
export function nearestCodes(codebook: tf.Tensor2D, vectors: tf.Tensor): tf.Tensor {
  const flat: tf.Tensor2D = vectors.reshape([-1, codebook.shape[1]]);
  // |e|² - 2 z · e: the squared distance, without |z|², which is the same for all entries.
  const distances = codebook
    .square()
    .sum(1)
    .sub(tf.matMul(flat, codebook, false, true).mul(2)); // [.., K]
  return tf.argMin(distances, 1).reshape(vectors.shape.slice(0, -1));
}

/** Looks up entries by ids [...], without gradients to the ids: [..., C]. */
export function lookUpCodes(codebook: tf.Tensor2D, ids: tf.Tensor): tf.Tensor {
  const [K, C] = codebook.shape;
  // An ordinary `gather` would backpropagate into the search for ids, with zero gradients for all distances.
  const rows = tf.customGrad((entries, save) => {
    const flat = ids.reshape([-1]) as tf.Tensor1D;
    (save as (tensors: tf.Tensor[]) => void)([flat]);
    return {
      value: tf.gather(entries as tf.Tensor2D, flat),
      gradFunc: (dy: tf.Tensor, [at]: tf.Tensor[]) => tf.unsortedSegmentSum(dy, at as tf.Tensor1D, K),
    };
  })(codebook);
  return rows.reshape([...ids.shape, C]);
}
