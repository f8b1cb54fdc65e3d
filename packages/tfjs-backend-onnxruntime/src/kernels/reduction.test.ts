import * as tf from '@transfusion/tfjs';
import fc from 'fast-check';
import '../index.js';
import type { NumericDtype } from '../backend/backend.js';
import {
  EXTREMES,
  integers,
  numbers,
  oneTensor,
  tensors,
  type TensorOptions,
} from '../testing-internals/arbitraries.js';
import {
  checkKernelProperties,
  property,
  type KernelProperty,
} from '../testing-internals/kernel-property.js';
import { runKernel } from '../testing-internals/run-kernel.js';
import type { TensorSpec } from '../testing-internals/tensor-spec.js';

const ALL = ['float32', 'int32', 'bool'] as const;

/** A tensor and some of its axes, counted from either end; none stands for all. */
function withAxes(options: TensorOptions = {}): fc.Arbitrary<[TensorSpec, number[] | undefined, boolean]> {
  return fc.tuple(tensors(options), fc.boolean(), fc.boolean()).chain(([x, negative, keepDims]) => {
    const axes = x.shape.map((_, i) => (negative ? i - x.shape.length : i));
    return fc.tuple(
      fc.constant(x),
      fc.option(fc.subarray(axes), { nil: undefined, freq: 4 }),
      fc.constant(keepDims),
    );
  });
}

/** A tensor and one of its axes. */
function withAxis(options: TensorOptions = {}): fc.Arbitrary<[TensorSpec, number]> {
  return fc
    .tuple(tensors({ minRank: 1, ...options }), fc.nat())
    .map(([x, n]) => [x, n % x.shape.length] as [TensorSpec, number]);
}

type Reduction = (x: tf.Tensor, axis?: number[], keepDims?: boolean) => tf.Tensor;

function reduction(
  kernel: string,
  dtypes: readonly NumericDtype[],
  op: Reduction,
  options: TensorOptions = {},
): KernelProperty {
  return property(kernel, withAxes({ dtypes, ...options }), (x, axes, keepDims) => op(x, axes, keepDims));
}

/** The cpu backend's mean and extremes of no elements differ; see the tests of bad input. */
const FULL: TensorOptions = { empty: false };

/** With NaN and infinities. */
function extreme(kernel: string, op: Reduction): KernelProperty {
  const args = withAxes({ dtypes: ALL, values: EXTREMES, empty: false });
  return property(kernel, args, (x, axes, keepDims) => op(x, axes, keepDims), { variant: 'of extremes' });
}

/** A NaN is selected only where it comes first. */
function position(kernel: string, op: (x: tf.Tensor, axis: number) => tf.Tensor): KernelProperty {
  return property(kernel, withAxis({ dtypes: ALL, values: EXTREMES, ...FULL }), op);
}

/** Numbers of either sign, and far enough apart that some weights vanish. */
const LOGITS = { values: { float32: fc.oneof(numbers(), numbers(-200, 200)) } };

/** A cumulative sum along an axis, forwards and backwards, with and without the element itself. */
function scan(
  kernel: string,
  dtypes: readonly NumericDtype[],
  op: (x: tf.Tensor, axis: number, exclusive: boolean, reverse: boolean) => tf.Tensor,
): KernelProperty {
  const args = fc
    .tuple(
      withAxis({ dtypes, values: { float32: numbers(-2, 2), int32: integers(-3, 3), bool: integers(0, 1) } }),
      fc.boolean(),
      fc.boolean(),
    )
    .map(([[x, axis], exclusive, reverse]) => [x, axis, exclusive, reverse] as const);
  return property(kernel, args, op);
}

/** tf.logSoftmax does not call the kernel, and the cpu backend has no such kernel. */
function logSoftmax(x: tf.Tensor): tf.Tensor {
  return runKernel('LogSoftmax', { logits: x }, { axis: -1 });
}

checkKernelProperties('reduction', [
  reduction('Sum', ALL, tf.sum),
  reduction('Prod', ['float32', 'bool'], tf.prod),
  // Beyond 2^53 the cpu backend rounds before it wraps.
  property(
    'Prod',
    withAxes({ dtypes: ['int32'], values: { int32: integers(-2, 2) } }),
    (x, axes, keepDims) => tf.prod(x, axes, keepDims),
    { variant: 'of int32' },
  ),
  reduction('Mean', ALL, tf.mean, FULL),
  reduction('Max', ALL, tf.max, FULL),
  reduction('Min', ALL, tf.min, FULL),
  extreme('Sum', tf.sum),
  extreme('Max', tf.max),
  extreme('Min', tf.min),
  reduction('All', ['bool'], tf.all, FULL),
  reduction('Any', ['bool'], tf.any),
  position('ArgMax', tf.argMax),
  position('ArgMin', tf.argMin),
  property('Softmax', oneTensor({ minRank: 1, ...LOGITS }), (x) => tf.softmax(x)),
  property('LogSoftmax', oneTensor({ minRank: 1, ...LOGITS }), logSoftmax, {
    reference: (x) => tf.logSoftmax(x),
  }),
  property('LogSoftmax', oneTensor({ minRank: 1, dtypes: ['int32'] }), logSoftmax, {
    variant: 'of int32',
    reference: (x) => tf.logSoftmax(x),
  }),
  scan('Cumsum', ALL, tf.cumsum),
  scan('Cumprod', ALL, tf.cumprod),
]);
