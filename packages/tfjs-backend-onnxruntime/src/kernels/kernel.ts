import * as tf from '@transfusion/tfjs';
import { BACKEND_NAME, type OnnxRuntimeBackend } from '../backend/backend.js';
import { withKernel } from '../graph/emit.js';
import type { Value } from '../graph/value.js';
import { runFallback } from './fallback.js';

/**
 * A kernel that is a graph: receives the input tensors as values and records the nodes that compute the
 * outputs. List inputs (`concat`, `addN`) are `Object.values(inputs)`.
 */
export type GraphKernel<Attrs> = (
  inputs: Readonly<Record<string, Value>>,
  attrs: Attrs,
) => Value | readonly Value[];

export interface GraphKernelOptions<Attrs> {
  /** Attributes for which no graph exists; complex and string tensors always use the fallback. */
  readonly fallsBack?: (attrs: Attrs) => boolean;
}

/** Registers a {@link GraphKernel}. */
export function graphKernel<Attrs = tf.NamedAttrMap>(
  kernelName: string,
  kernel: GraphKernel<Attrs>,
  { fallsBack }: GraphKernelOptions<Attrs> = {},
): void {
  tf.registerKernel({
    kernelName,
    backendName: BACKEND_NAME,
    kernelFunc: (call) => {
      const backend = call.backend as OnnxRuntimeBackend;
      const inputs = call.inputs as Readonly<Record<string, tf.TensorInfo | null | undefined>>;
      const values: Record<string, Value> = {};
      if (fallsBack?.(call.attrs as Attrs)) {
        return runFallback(kernelName, call.inputs, call.attrs, backend);
      }
      for (const name in inputs) {
        const tensor = inputs[name];
        if (tensor === null || tensor === undefined) continue; // an omitted optional input
        if (tensor.dtype === 'complex64' || tensor.dtype === 'string') {
          return runFallback(kernelName, call.inputs, call.attrs, backend);
        }
        values[name] = backend.graphValue(tensor);
      }
      const output = withKernel(kernelName, () => kernel(values, (call.attrs ?? {}) as Attrs));
      const toTensor = (value: Value): tf.TensorInfo => {
        for (const name in values) {
          // A kernel may return an input: two tensors then share the data.
          if (values[name] === value) return shareOf(inputs[name]!, backend);
        }
        return backend.tensorOf(value);
      };
      const result = Array.isArray(output) ? output.map(toTensor) : toTensor(output as Value);
      backend.lazy.flushIfLong();
      return result;
    },
  });
}

/** Returns another reference to the data of a tensor. */
export function shareOf(
  tensor: tf.TensorInfo,
  backend: OnnxRuntimeBackend,
  shape: number[] = tensor.shape,
): tf.TensorInfo {
  backend.incRef(tensor.dataId);
  return { dataId: tensor.dataId, shape, dtype: tensor.dtype };
}
