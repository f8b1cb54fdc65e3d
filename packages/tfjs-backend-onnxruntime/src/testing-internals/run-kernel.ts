import * as tf from '@transfusion/tfjs';

/** Calls a kernel that no TensorFlow.js op calls, or not with all its features. */
export function runKernel(
  kernel: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attrs: Readonly<Record<string, unknown>> = {},
): tf.Tensor {
  return tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap);
}
