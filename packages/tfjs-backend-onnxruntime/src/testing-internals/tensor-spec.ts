import * as tf from '@transfusion/tfjs';
import type { NumericDtype } from '../backend/backend.js';

/** A description that makes the same tensor on any backend. */
export interface TensorSpec {
  readonly dtype: NumericDtype;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Arguments of a call: tensor specs, also in arrays, among other values. */
export type CallArguments = readonly unknown[];

/** The same arguments with a tensor in place of each spec. */
export type WithTensors<T> = T extends TensorSpec
  ? tf.Tensor
  : T extends readonly TensorSpec[]
    ? tf.Tensor[]
    : T;

export function isTensorSpec(value: unknown): value is TensorSpec {
  return typeof value === 'object' && value !== null && 'dtype' in value && 'values' in value;
}

export function makeTensor({ dtype, shape, values }: TensorSpec): tf.Tensor {
  return tf.tensor([...values], [...shape], dtype);
}

/** Makes the tensors of a call on the active backend. */
export function makeTensors<Args extends CallArguments>(
  args: Args,
): { [K in keyof Args]: WithTensors<Args[K]> } {
  const visit = (value: unknown): unknown => {
    if (isTensorSpec(value)) return makeTensor(value);
    return Array.isArray(value) && value.some(isTensorSpec) ? value.map(visit) : value;
  };
  return args.map(visit) as { [K in keyof Args]: WithTensors<Args[K]> };
}

/** Reads a tensor; the values are a copy. */
export function specOf(tensor: tf.Tensor): TensorSpec {
  return {
    dtype: tensor.dtype as NumericDtype,
    shape: tensor.shape,
    values: Array.from(tensor.dataSync()),
  };
}
