import type * as tf from '@transfusion/tfjs';
import type { Params, Rng } from '@transfusion/nn';

/** Sizes of the batches of a step, for logs. */
export interface BatchSizes {
  /** Number of documents or images. */
  readonly documents: number;
  /** Number of elements of documents (tokens and patches). */
  readonly elements: number;
  /** Fraction of the batches' positions that hold an element. */
  readonly fill: number;
}

/**
 * Any model that can be trained: parameters and a loss over batches. A `Transfusion` is one. Batches are
 * created outside the engine as plain arrays with all random values (`Arrays`), and uploaded for their step
 * (`Batch`).
 */
export interface TrainableModel<P extends Params = Params, Arrays = unknown, Batch extends object = object> {
  /**
   * Config that determines the shapes and meaning of the parameters (JSON). It is stored in checkpoints, and
   * a run can only be resumed with an equal one.
   */
  readonly config?: unknown;
  /**
   * Returns other files that are needed to recreate the model, such as a tokenizer: content by relative path
   * with forward slashes. They are stored in checkpoints; called once per run.
   */
  assets?(): Promise<Readonly<Record<string, Uint8Array>>>;
  /** Initializes the parameters. */
  init(rng: Rng): P;
  /**
   * Computes the loss, and in `aux` the unnormalized sum of each part; divided by `lossCounts`, they are
   * means.
   */
  loss(params: P, batch: Batch): { loss: tf.Scalar; aux: Record<string, tf.Scalar> };
  /** Computes the divisors of the parts' sums, over all batches together. */
  lossCounts(batches: readonly Arrays[]): Record<string, number>;
  /**
   * Uploads a batch; the caller disposes of it.
   *
   * @param counts `lossCounts` of all batches whose losses are added, such as the micro-batches of a step
   */
  batchTensors(batch: Arrays, counts: Readonly<Record<string, number>>): Batch;
  /** Counts documents and elements of batches, for logs. */
  batchSizes(batches: readonly Arrays[]): BatchSizes;
}
