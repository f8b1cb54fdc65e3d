/** Gradients of operations that move elements, which TensorFlow.js 4.22 lacks or limits to rank 4. */
import * as tf from '@transfusion/tfjs';

export function registerRearrangementGradients(): void {
  tf.registerGradient({
    kernelName: 'Tile',
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => {
      const { reps } = attrs as unknown as { reps: number[] };
      return { x: () => tileGradient(dy as tf.Tensor, x.shape, reps) };
    },
  });
  tf.registerGradient({
    kernelName: 'DepthToSpace',
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => {
      const { blockSize, dataFormat } = attrs as unknown as DepthToSpaceAttrs;
      return { x: () => spaceToDepth(dy as tf.Tensor, x.shape, blockSize, dataFormat) };
    },
  });
  tf.registerGradient({
    kernelName: 'FlipLeftRight',
    inputsToSave: [],
    gradFunc: (dy) => ({ image: () => tf.image.flipLeftRight(dy as tf.Tensor4D) }),
  });
}

interface DepthToSpaceAttrs {
  readonly blockSize: number;
  readonly dataFormat: 'NHWC' | 'NCHW';
}

/** Sums the copies along each axis. */
function tileGradient(dy: tf.Tensor, shape: readonly number[], reps: readonly number[]): tf.Tensor {
  return reps.reduce((sum, count, axis) => {
    if (count === 1) return sum;
    const outer = tf.util.sizeFromShape(sum.shape.slice(0, axis));
    const summed = sum.shape.map((dim, i) => (i === axis ? shape[axis] : dim));
    return sum.reshape([outer, count, -1]).sum(1).reshape(summed);
  }, dy);
}

/** The inverse of `depthToSpace`. */
function spaceToDepth(
  y: tf.Tensor,
  shape: readonly number[],
  block: number,
  dataFormat: 'NHWC' | 'NCHW',
): tf.Tensor {
  if (dataFormat === 'NCHW') {
    const [n, c, h, w] = shape;
    const parts = y.reshape([n, c / block ** 2, h, block, w, block]);
    return tf.transpose(parts, [0, 3, 5, 1, 2, 4]).reshape([n, c, h, w]);
  }
  const [n, h, w, c] = shape;
  const parts = y.reshape([n, h, block, w, block, c / block ** 2]);
  return tf.transpose(parts, [0, 1, 3, 2, 4, 5]).reshape([n, h, w, c]);
}
