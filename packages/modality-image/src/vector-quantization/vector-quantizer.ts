/**
 * Vectors as entries of a learned codebook (van den Oord, Vinyals & Kavukcuoglu 2017, arXiv 1711.00937).
 * Entries follow the gradient of the codebook loss, not moving averages of the vectors: so they are parameters like all
 * others, to any optimizer, checkpoint and EMA.
 */
import * as tf from '@tensorflow/tfjs';
import { stopGradient } from '@transfusion/nn';

/** Result of {@link quantize}. */
export interface Quantized<T extends tf.Tensor = tf.Tensor> {
  /** Index of each vector's entry: int32, without the vectors' last axis. */
  readonly ids: tf.Tensor;
  /** The entry of each vector. Gradients pass straight through to the vectors (equation 2). */
  readonly quantized: T;
  /** Mean squared distance that moves entries to their vectors: the second term of equation 3. */
  readonly codebookLoss: tf.Scalar;
  /** The same distance, which moves vectors to their entries: the third term without its β. */
  readonly commitmentLoss: tf.Scalar;
}

/**
 * Replaces each vector by the codebook's nearest.
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
 * Finds the nearest entry of each vector by Euclidean distance (equation 1), the first of equally near ones: int32 ids
 * [...]. Takes memory for the distances of all pairs.
 */
export function nearestCodes(codebook: tf.Tensor2D, vectors: tf.Tensor): tf.Tensor {
  const flat: tf.Tensor2D = vectors.reshape([-1, codebook.shape[1]]);
  // |e|² - 2 z · e: the square of the distance, without |z|², which is the same for all entries.
  const distances = codebook
    .square()
    .sum(1)
    .sub(tf.matMul(flat, codebook, false, true).mul(2)); // [.., K]
  return tf.argMin(distances, 1).reshape(vectors.shape.slice(0, -1));
}

/** Looks up entries by their ids [...], which are constants to gradients: [..., C]. */
export function lookUpCodes(codebook: tf.Tensor2D, ids: tf.Tensor): tf.Tensor {
  const [K, C] = codebook.shape;
  // An ordinary `gather` would lead the gradient into the search for ids, whose every distance has one of zero.
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
