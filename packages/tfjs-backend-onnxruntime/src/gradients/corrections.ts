/**
 * Gradients that are wrong in TensorFlow.js 4.22, or throw when the inputs broadcast. The registry
 * is shared by all backends, so these apply to them too.
 */
import * as tf from '@transfusion/tfjs';
import { sumTo } from './sum-to.js';

/** Replaces the gradients. Idempotent. */
export function registerGradientCorrections(): void {
  // These four fail to sum over the axes along which an input was broadcast.
  binaryGradient('Maximum', (dy, a, b) => [dy.mul(a.greaterEqual(b)), dy.mul(a.less(b))]);
  binaryGradient('Minimum', (dy, a, b) => [dy.mul(a.lessEqual(b)), dy.mul(a.greater(b))]);
  binaryGradient('SquaredDifference', (dy, a, b) => {
    const slope = dy.mul(a.sub(b).mul(2));
    return [slope, slope.neg()];
  });
  tf.registerGradient({
    kernelName: 'Prelu',
    inputsToSave: ['x', 'alpha'],
    gradFunc: (dyOrList, [x, alpha]) => {
      const dy = dyOrList as tf.Tensor;
      const positive = x.greater(0);
      return {
        x: () => sumTo(tf.where(positive, dy, dy.mul(alpha)), x.shape),
        alpha: () => sumTo(tf.where(positive, tf.zerosLike(x), dy.mul(x)), alpha.shape),
      };
    },
  });
  // TensorFlow.js sums only for statistics of rank 1, and these are of the rank of `x` for any axis but the last.
  tf.registerGradient({
    kernelName: 'FusedBatchNorm',
    inputsToSave: ['x', 'mean', 'variance', 'scale'],
    gradFunc: (dy, [x, mean, variance, scale], attrs) =>
      batchNormGradients(dy as tf.Tensor, x, mean, variance, scale, attrs),
  });
  // TensorFlow.js transposes the result unless the axis is the last.
  tf.registerGradient({
    kernelName: 'Cumsum',
    inputsToSave: [],
    gradFunc: (dy, _saved, attrs) => {
      const { axis, exclusive, reverse } = attrs as unknown as ScanAttrs;
      return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
    },
  });
  // TensorFlow.js mistakes negative axes.
  const product = tf.getGradient('Prod');
  tf.registerGradient({
    ...product,
    gradFunc: (dy, saved, attrs) => {
      const axis = tf.util.parseAxisParam(attrs['axis'] as number, saved[0].shape);
      return product.gradFunc(dy, saved, { ...attrs, axis });
    },
  });
  // TensorFlow.js drops `dimRoundingMode`, and computes the gradient of other windows.
  tf.registerGradient({
    kernelName: 'MaxPool',
    inputsToSave: ['x'],
    outputsToSave: [true],
    gradFunc: (dy, [input, output], attrs) => ({
      x: () => tf.engine().runKernel('MaxPoolGrad', { dy: dy as tf.Tensor, input, output }, attrs),
    }),
  });
  tf.registerGradient({
    kernelName: 'AvgPool',
    inputsToSave: ['x'],
    gradFunc: (dy, [input], attrs) => ({
      x: () => tf.engine().runKernel('AvgPoolGrad', { dy: dy as tf.Tensor, input }, attrs),
    }),
  });
  // TensorFlow.js ignores the mirrored copies.
  tf.registerGradient({
    kernelName: 'MirrorPad',
    inputsToSave: [],
    gradFunc: (dy, _saved, attrs) => {
      const { paddings, mode } = attrs as unknown as MirrorPadAttrs;
      return {
        x: () =>
          paddings.reduce(
            (folded, padding, axis) => foldBack(folded, padding, axis, mode === 'reflect' ? 1 : 0),
            dy as tf.Tensor,
          ),
      };
    },
  });
}

interface ScanAttrs {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}
interface MirrorPadAttrs {
  readonly paddings: readonly (readonly [number, number])[];
  readonly mode: 'reflect' | 'symmetric';
}

/** The gradients of `(x − mean) / √(variance + ε) · scale + offset`, each summed to the shape of its input. */
function batchNormGradients(
  dy: tf.Tensor,
  x: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
  scale: tf.Tensor,
  attrs: tf.NamedAttrMap,
): Record<string, () => tf.Tensor> {
  const inverse = variance.add(attrs['varianceEpsilon'] as number).rsqrt();
  const slope = dy.mul(scale);
  const centered = x.sub(mean);
  const halfCube = inverse.mul(inverse).mul(inverse).mul(-0.5);
  return {
    x: () => dy.mul(inverse).mul(scale),
    mean: () => sumTo(inverse.mul(-1).mul(slope), mean.shape),
    variance: () => sumTo(halfCube.mul(centered).mul(slope), variance.shape),
    scale: () => sumTo(dy.mul(centered.mul(inverse)), scale.shape),
    offset: () => sumTo(dy, scale.shape),
  };
}

function binaryGradient(
  kernelName: string,
  slopes: (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => [tf.Tensor, tf.Tensor],
): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => {
      const [dA, dB] = slopes(dy as tf.Tensor, a, b);
      return { a: () => sumTo(dA, a.shape), b: () => sumTo(dB, b.shape) };
    },
  });
}

/** Adds the gradient of mirrored elements to that of their originals; `skip` edges have no copy. */
function foldBack(
  dy: tf.Tensor,
  [before, after]: readonly [number, number],
  axis: number,
  skip: 0 | 1,
): tf.Tensor {
  const length = dy.shape[axis] - before - after;
  const part = (begin: number, size: number): tf.Tensor =>
    tf.slice(
      dy,
      dy.shape.map((_, i) => (i === axis ? begin : 0)),
      dy.shape.map((dim, i) => (i === axis ? size : dim)),
    );
  const mirrored = (begin: number, size: number, at: number): tf.Tensor =>
    tf.pad(
      tf.reverse(part(begin, size), [axis]),
      dy.shape.map((_, i) => (i === axis ? [at, length - size - at] : [0, 0])),
    );
  const terms = [part(before, length)];
  if (before > 0) terms.push(mirrored(0, before, skip));
  if (after > 0) terms.push(mirrored(before + length, after, length - after - skip));
  return terms.length === 1 ? terms[0] : tf.addN(terms);
}
