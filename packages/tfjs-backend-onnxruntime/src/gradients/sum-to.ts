import * as tf from '@transfusion/tfjs';

/** Sums the gradient of an input that was broadcast down to the shape of the input. */
export function sumTo(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return (axes.length > 0 ? gradient.sum(axes) : gradient).reshape(shape);
}
