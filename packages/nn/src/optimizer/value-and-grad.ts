import * as tf from '@tensorflow/tfjs';
import { flattenParams, mapParams, type Params } from '../params.js';

/**
 * The loss, its gradient by each parameter, and whatever else the function returns (`aux`, a flat
 * record of tensors). Parameters that the loss does not depend on get a gradient of zeros.
 */
export function valueAndGrad<P extends Params, Aux extends Record<string, tf.Tensor>>(
  lossOf: (params: P) => { loss: tf.Scalar; aux: Aux },
  params: P,
): { loss: tf.Scalar; gradients: P; aux: Aux } {
  const flat = flattenParams(params);
  const paths = Object.keys(flat);
  let aux: Aux | undefined;
  const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
    const byPath = Object.fromEntries(paths.map((path, i) => [path, tensors[i]]));
    const result = lossOf(mapParams(params, (_, path) => byPath[path]));
    aux = result.aux;
    // They are made in the scope of the gradient's tape, which disposes of what it does not return.
    Object.values(aux).forEach((tensor) => tf.keep(tensor));
    return result.loss;
  })(paths.map((path) => flat[path]));
  const gradientOf = Object.fromEntries(paths.map((path, i) => [path, grads[i]]));
  return { loss: value as tf.Scalar, gradients: mapParams(params, (_, path) => gradientOf[path]), aux: aux! };
}
