import type * as tf from '@tensorflow/tfjs';
import type { Params, Rng } from '@transfusion/nn';

/** How much is in the batches of a step, for logs. */
export interface BatchSizes {
  /** Documents, images: whatever is learned from. */
  readonly documents: number;
  /** Elements of documents (tokens and patches). */
  readonly elements: number;
  /** Share of the batches' places that hold an element. */
  readonly fill: number;
}

/**
 * Anything that can be trained: parameters, and a loss over batches. A `Transfusion` is one. A batch is
 * made outside the engine as plain arrays (`Arrays`) with all that is drawn for it, and is uploaded
 * (`Batch`) when its step comes.
 */
export interface TrainableModel<P extends Params = Params, Arrays = unknown, Batch extends object = object> {
  /** Fresh parameters. */
  init(rng: Rng): P;
  /** The loss, and in `aux` the sum of each of its parts; divided by `lossCounts`, they are means. */
  loss(params: P, batch: Batch): { loss: tf.Scalar; aux: Record<string, tf.Scalar> };
  /** What the parts' sums are divided by, over all micro-batches of a step together. */
  lossCounts(batches: readonly Arrays[]): Record<string, number>;
  /** A batch in the engine, to be counted with the other micro-batches of its step; the caller's to dispose of. */
  batchTensors(batch: Arrays, counts: Readonly<Record<string, number>>): Batch;
  batchSizes(batches: readonly Arrays[]): BatchSizes;
}
