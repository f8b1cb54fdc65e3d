import type * as tf from '@tensorflow/tfjs';
import type { Params, Rng } from '@transfusion/nn';

/** The content of the batches of a step, for logs. */
export interface BatchSizes {
  /** Documents, images: whatever is learned from. */
  readonly documents: number;
  /** Elements of documents (tokens and patches). */
  readonly elements: number;
  /** Share of the batches' positions that hold an element. */
  readonly fill: number;
}

/**
 * Anything that can be trained: parameters, and a loss over batches. A `Transfusion` is one. A batch is made outside
 * the engine as plain arrays (`Arrays`) with all its random values, and is uploaded (`Batch`) when its step comes.
 */
export interface TrainableModel<P extends Params = Params, Arrays = unknown, Batch extends object = object> {
  /**
   * All that the parameters' shapes and meaning depend on; JSON. It is written into checkpoints, and a run is only resumed
   * with an equal one.
   */
  readonly config?: unknown;
  /**
   * Returns further files that are needed to make the model again, such as a tokenizer: content by relative path with
   * forward slashes. They are written into checkpoints; asked for once per run.
   */
  assets?(): Promise<Readonly<Record<string, Uint8Array>>>;
  /** Makes fresh parameters. */
  init(rng: Rng): P;
  /** Computes the loss, and in `aux` the sum of each of its parts; divided by `lossCounts`, they are means. */
  loss(params: P, batch: Batch): { loss: tf.Scalar; aux: Record<string, tf.Scalar> };
  /** Counts what the parts' sums are divided by, over all batches together. */
  lossCounts(batches: readonly Arrays[]): Record<string, number>;
  /**
   * Uploads a batch; the caller's to dispose of.
   *
   * @param counts those of all batches whose losses are added up, such as the micro-batches of a step
   */
  batchTensors(batch: Arrays, counts: Readonly<Record<string, number>>): Batch;
  /** Counts what is in batches, for logs. */
  batchSizes(batches: readonly Arrays[]): BatchSizes;
}
