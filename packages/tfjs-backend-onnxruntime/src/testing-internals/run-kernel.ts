import * as tf from '@tensorflow/tfjs';

/** Calls a kernel that no op of TensorFlow.js calls, or not with all that it can do. */
export function runKernel(
  kernel: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attrs: Readonly<Record<string, unknown>> = {},
): tf.Tensor {
  return tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap);
}
