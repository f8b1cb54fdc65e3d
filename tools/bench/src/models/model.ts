import type * as tf from '@transfusion/tfjs';

/** Weights by name. */
export type Parameters = Readonly<Record<string, tf.Tensor>>;

/** Named tensors that a step reads: inputs and targets. */
export type Batch = Readonly<Record<string, tf.Tensor>>;

/** Something to train, as plain TensorFlow.js code. */
export interface Model {
  readonly name: string;
  /** Multiplications and additions of the matrix products of one training step; see each model. */
  readonly flopsPerStep: number;
  initialParameters(): Parameters;
  /** Always the same: the loss falls because the model learns it by heart. */
  makeBatch(): Batch;
  loss(parameters: Parameters, batch: Batch): tf.Scalar;
}

export function countParameters(parameters: Parameters): number {
  return Object.values(parameters).reduce((sum, { size }) => sum + size, 0);
}
