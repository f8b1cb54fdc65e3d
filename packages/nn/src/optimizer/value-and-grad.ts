import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { flattenParams, mapParams, type Params } from '../params.js';

/**
 * Computes the loss, its gradients with respect to the parameters, and auxiliary outputs of the function
 * (`aux`, a flat record of tensors). Parameters that the loss does not depend on have zero gradients. All
 * results are new tensors, even if the function returns a parameter, or a tensor twice.
 *
 * @throws TransfusionError `invalid-argument` if the loss is not a float32 scalar
 */
export function valueAndGrad<P extends Params, Aux extends Record<string, tf.Tensor>>(
  lossOf: (params: P) => { loss: tf.Scalar; aux: Aux },
  params: P,
): { loss: tf.Scalar; gradients: P; aux: Aux } {
  const flat = flattenParams(params);
  const paths = Object.keys(flat);
  // The scope of the gradient tape disposes of everything except the loss, so `aux` is kept beyond it.
  let kept: Record<string, tf.Tensor> = {};
  try {
    // Unlike `tf.valueAndGrads`, this accepts parameters that the loss does not depend on.
    const { value, grads } = tf.engine().gradients(
      () => {
        const { loss, aux } = lossOf(params);
        checkLoss(loss);
        kept = mapRecord(aux, (tensor) => tf.keep(tensor.clone()));
        return loss.clone() as tf.Scalar;
      },
      Object.values(flat),
      undefined,
      true,
    );
    const gradientOf = new Map(paths.map((path, i) => [path, grads[i] as tf.Tensor | undefined]));
    return {
      loss: value,
      gradients: mapParams(params, (tensor, path) => gradientOf.get(path) ?? tf.zerosLike(tensor)),
      aux: mapRecord(kept, (tensor) => tensor.clone()) as Aux,
    };
  } finally {
    Object.values(kept).forEach((tensor) => tensor.dispose());
  }
}

function checkLoss({ rank, shape, dtype }: tf.Tensor): void {
  if (rank === 0 && dtype === 'float32') return;
  throw new TransfusionError(
    'invalid-argument',
    `valueAndGrad: the loss is ${dtype} [${shape}], expected a float32 scalar. Take its sum or mean.`,
  );
}

function mapRecord(
  record: Readonly<Record<string, tf.Tensor>>,
  fn: (tensor: tf.Tensor) => tf.Tensor,
): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(record).map(([name, tensor]) => [name, fn(tensor)]));
}
