import * as tf from '@transfusion/tfjs';
import fc from 'fast-check';
import '../index.js';
import { integers, tensorOf } from '../testing-internals/arbitraries.js';
import { checkKernelProperties, property } from '../testing-internals/kernel-property.js';
import type { TensorSpec } from '../testing-internals/tensor-spec.js';
import {
  each,
  padOf,
  randomAxes,
  square,
  type Pad,
  type PadKind,
  type WindowOptions,
} from '../testing-internals/windows.js';

type Dtype = 'float32' | 'int32';

interface Geometry {
  readonly filterSize: number[];
  readonly strides: number[];
  readonly pad: Pad;
}

/** Few distinct integers: windows have several maxima, and all sums are exact. */
const VALUES = integers(-2, 2);

function pools(
  rank: 2 | 3,
  pad: PadKind,
  dtype: Dtype = 'float32',
  options: WindowOptions = {},
): fc.Arbitrary<[TensorSpec, Geometry]> {
  const sizes = fc.tuple(
    randomAxes(rank, options),
    fc.integer({ min: 1, max: 2 }),
    fc.integer({ min: 1, max: 3 }),
  );
  return sizes.chain(([random, n, c]) => {
    const axes = pad === 'number' || (rank === 3 && pad === 'valid') ? square(random) : random;
    // A window wholly in the padding has no mean.
    const inner = axes.map((axis) => ({
      ...axis,
      before: Math.min(axis.before, axis.kernel - 1),
      after: Math.min(axis.after, axis.kernel - 1),
    }));
    const geometry = {
      filterSize: each(axes, ({ kernel }) => kernel),
      strides: each(axes, ({ stride }) => stride),
      pad: padOf(pad, inner),
    };
    const shape = [n, ...each(axes, ({ input }) => input), c];
    return fc.tuple(tensorOf(shape, dtype, VALUES), fc.constant(geometry));
  });
}

type Pool = (x: tf.Tensor, geometry: Geometry) => tf.Tensor;

const maxPool: Pool = (x, { filterSize, strides, pad }) =>
  tf.maxPool(
    x as tf.Tensor4D,
    filterSize as [number, number],
    strides as [number, number],
    pad,
    rounding(pad),
  );
const avgPool: Pool = (x, { filterSize, strides, pad }) =>
  tf.avgPool(
    x as tf.Tensor4D,
    filterSize as [number, number],
    strides as [number, number],
    pad,
    rounding(pad),
  );
const maxPool3d: Pool = (x, { filterSize, strides, pad }) =>
  tf.maxPool3d(
    x as tf.Tensor5D,
    filterSize as [number, number, number],
    strides as [number, number, number],
    pad as 'same',
  );
const avgPool3d: Pool = (x, { filterSize, strides, pad }) =>
  tf.avgPool3d(
    x as tf.Tensor5D,
    filterSize as [number, number, number],
    strides as [number, number, number],
    pad as 'same',
  );
const argmaxPool = (x: tf.Tensor, { filterSize, strides, pad }: Geometry): tf.Tensor[] =>
  [true, false].flatMap((includeBatchInIndex) => {
    const { result, indexes } = tf.maxPoolWithArgmax(
      x as tf.Tensor4D,
      filterSize as [number, number],
      strides as [number, number],
      pad as 'same',
      includeBatchInIndex,
    );
    return [result, indexes];
  });

function rounding(pad: Pad): 'floor' | undefined {
  return typeof pad === 'string' ? undefined : 'floor';
}

function gradient(pool: Pool): Pool {
  return (x, geometry) => tf.grad((x: tf.Tensor) => tf.sum(tf.square(pool(x, geometry))))(x);
}

const SMALL: WindowOptions = { maxKernel: 3, maxStride: 2 };
/**
 * The gradient of the square of a mean, as that of the sum (whose windows are convolutions with ones)
 * over the number of inputs: the cpu backend's own divides by the padding too.
 */
function avgGradientBySums(x: tf.Tensor, { filterSize, strides, pad }: Geometry): tf.Tensor {
  const ones = tf.ones<tf.Rank.R4>([filterSize[0], filterSize[1], 1, 1]);
  const sums = (x: tf.Tensor): tf.Tensor =>
    tf.conv2d(x as tf.Tensor4D, ones, strides as [number, number], pad, 'NHWC', 1, rounding(pad));
  const channels = tf.split(x, x.shape[3]!, 3).map((channel) => {
    const counts = sums(tf.onesLike(channel));
    return tf.grad((x: tf.Tensor) => tf.sum(tf.square(tf.div(sums(x), counts))))(channel);
  });
  return tf.concat(channels, 3);
}

const KINDS: readonly PadKind[] = ['valid', 'same', 'number', 'explicit'];

checkKernelProperties('pooling', [
  ...KINDS.flatMap((pad) => [
    property('MaxPool', pools(2, pad), maxPool, { variant: pad }),
    property('AvgPool', pools(2, pad), avgPool, { variant: pad }),
    property('MaxPoolGrad', pools(2, pad), gradient(maxPool), { variant: pad }),
    property('AvgPoolGrad', pools(2, pad), gradient(avgPool), { variant: pad, reference: avgGradientBySums }),
  ]),
  property('MaxPool', pools(2, 'same', 'int32'), maxPool, { variant: 'int32' }),
  property('MaxPoolWithArgmax', pools(2, 'valid'), argmaxPool, { variant: 'valid' }),
  property('MaxPoolWithArgmax', pools(2, 'same'), argmaxPool, { variant: 'same' }),
  ...(['valid', 'same'] as const).flatMap((pad) => [
    property('MaxPool3D', pools(3, pad, 'float32', SMALL), maxPool3d, { variant: pad }),
    property('AvgPool3D', pools(3, pad, 'float32', SMALL), avgPool3d, { variant: pad }),
  ]),
  property('AvgPool3DGrad', pools(3, 'valid', 'float32', SMALL), gradient(avgPool3d)),
  property('MaxPool3DGrad', pools(3, 'valid', 'float32', SMALL), gradient(maxPool3d)),
]);
