/** Gradient of `matMul`. That of TensorFlow.js 4.22 has the wrong shape for a factor that the batch shares. */
import * as tf from '@transfusion/tfjs';
import { sumTo } from './sum-to.js';

export interface MatMulAttrs {
  readonly transposeA?: boolean | null;
  readonly transposeB?: boolean | null;
}

export function registerMatrixProductGradient(): void {
  tf.registerGradient({
    kernelName: 'BatchMatMul',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b], attrs) => matMulGradients(dy as tf.Tensor, a, b, attrs as unknown as MatMulAttrs),
  });
}

/** Computes the gradients of the factors of a matrix product, each when it is asked for. */
export function matMulGradients(
  dy: tf.Tensor,
  a: tf.Tensor,
  b: tf.Tensor,
  { transposeA, transposeB }: MatMulAttrs,
): { a: () => tf.Tensor; b: () => tf.Tensor } {
  return {
    a: () => {
      const slope = transposeA
        ? tf.matMul(b, dy, transposeB ?? false, true)
        : tf.matMul(dy, b, false, !transposeB);
      return sumTo(slope, a.shape);
    },
    b: () => {
      if (!transposeA && isShared(b) && !isShared(a)) return sharedGradient(dy, a, b, transposeB ?? false);
      const slope = transposeB
        ? tf.matMul(dy, a, true, transposeA ?? false)
        : tf.matMul(a, dy, !transposeA, false);
      return sumTo(slope, b.shape);
    },
  };
}

/** Returns true for a single matrix, which a batch of other factors shares. */
function isShared(factor: tf.Tensor): boolean {
  return factor.shape.slice(0, -2).every((dim) => dim === 1);
}

/** Computes the gradient of a shared right factor: the rows of the whole batch form one matrix. */
function sharedGradient(dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor, transposeB: boolean): tf.Tensor {
  const rows = (x: tf.Tensor): tf.Tensor => x.reshape([-1, x.shape[x.rank - 1]]);
  const slope = transposeB
    ? tf.matMul(rows(dy), rows(a), true, false)
    : tf.matMul(rows(a), rows(dy), true, false);
  return slope.reshape(b.shape);
}
