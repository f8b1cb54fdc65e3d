/** Kernels that reduce over axes, and scans along one axis. */
import * as tf from '@transfusion/tfjs';
import { cast, concat, fill, map, reshape, slice, where, zip } from '../graph/build.js';
import { emit, scalar } from '../graph/emit.js';
import { sizeOf, type Value } from '../graph/value.js';
import { graphKernel } from './kernel.js';
import { reduceInStages } from './staged-reduction.js';

interface ReduceAttrs {
  readonly axis: number | number[];
  readonly keepDims?: boolean;
}
/** Attributes of Max, which names its axes differently. */
interface MaxAttrs {
  readonly reductionIndices: number | number[];
  readonly keepDims?: boolean;
}
interface ScanAttrs {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/** ONNX operator, and the result over no elements. */
const REDUCTIONS: Readonly<Record<string, { opType: string; empty: number }>> = {
  Sum: { opType: 'ReduceSum', empty: 0 },
  Prod: { opType: 'ReduceProd', empty: 1 },
};

export function registerReductionKernels(): void {
  for (const [kernel, { opType, empty }] of Object.entries(REDUCTIONS)) {
    graphKernel<ReduceAttrs>(kernel, ({ x }, { axis, keepDims }) =>
      total(opType, counting(x), axis, keepDims, empty),
    );
  }
  graphKernel<MaxAttrs>('Max', ({ x }, { reductionIndices, keepDims }) =>
    extreme('ReduceMax', x, reductionIndices, keepDims, -Infinity),
  );
  graphKernel<ReduceAttrs>('Min', ({ x }, { axis, keepDims }) =>
    extreme('ReduceMin', x, axis, keepDims, Infinity),
  );
  graphKernel<ReduceAttrs>('Mean', ({ x }, { axis, keepDims }) =>
    fold('ReduceMean', cast(x, 'float32'), axis, keepDims, NaN),
  );
  graphKernel<ReduceAttrs>('All', ({ x }, { axis, keepDims }) => foldBool('ReduceMin', x, axis, keepDims, 1));
  graphKernel<ReduceAttrs>('Any', ({ x }, { axis, keepDims }) => foldBool('ReduceMax', x, axis, keepDims, 0));
  graphKernel<ReduceAttrs>('ArgMax', ({ x }, { axis }) => argExtreme('ArgMax', x, axis));
  graphKernel<ReduceAttrs>('ArgMin', ({ x }, { axis }) => argExtreme('ArgMin', x, axis));
  graphKernel<{ dim: number }>('Softmax', ({ logits }, { dim }) => {
    const [axis] = tf.util.parseAxisParam(dim, [...logits.shape]);
    return map('Softmax', cast(logits, 'float32'), { axis });
  });
  graphKernel<{ axis: number }>('LogSoftmax', ({ logits }, { axis }) =>
    map('LogSoftmax', cast(logits, 'float32'), { axis }),
  );
  graphKernel<ScanAttrs>('Cumsum', ({ x }, attrs) => cumsum(counting(x), attrs));
  graphKernel<ScanAttrs>('Cumprod', ({ x }, attrs) => cumprod(counting(x), attrs));
}

/** Casts bool to int32, the type of its sums and products. */
function counting(x: Value): Value {
  return x.dtype === 'bool' ? cast(x, 'int32') : x;
}

function fold(opType: string, x: Value, axis: number | number[], keepDims = false, empty: number): Value {
  const axes = [...new Set(tf.util.parseAxisParam(axis, [...x.shape]))];
  if (x.size > 0) return reduceInStages(opType, x, axes, keepDims);
  const [kept, reduced] = tf.backend_util.computeOutAndReduceShapes([...x.shape], axes);
  const shape = keepDims ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept;
  return fill(shape, tf.util.sizeFromShape(reduced) === 0 ? empty : 0, x.dtype);
}

/** Reduces int32 with wrapping, like all other int32 arithmetic; ONNX Runtime would saturate. */
function total(
  opType: string,
  x: Value,
  axis: number | number[],
  keepDims: boolean | undefined,
  empty: number,
): Value {
  if (x.dtype !== 'int32') return fold(opType, x, axis, keepDims, empty);
  return cast(fold(opType, cast(x, 'int64'), axis, keepDims, empty), 'int32');
}

/** Computes the largest or smallest element; NaN if there is one (ONNX Runtime would skip it). */
function extreme(
  opType: string,
  x: Value,
  axis: number | number[],
  keepDims: boolean | undefined,
  empty: number,
): Value {
  const found = fold(opType, x, axis, keepDims, empty);
  if (x.dtype !== 'float32' || x.size === 0) return found;
  const isNaN = cast(emit('IsNaN', [x], x.shape, 'bool'), 'int32');
  const anyNaN = cast(fold('ReduceMax', isNaN, axis, keepDims, 0), 'bool');
  return where(anyNaN, scalar(NaN, 'float32'), found);
}

/** Reduces bool as the minimum or maximum of 0 and 1: ONNX Runtime has no boolean reductions. */
function foldBool(
  opType: string,
  x: Value,
  axis: number | number[],
  keepDims: boolean | undefined,
  empty: number,
): Value {
  return cast(fold(opType, cast(x, 'int32'), axis, keepDims, empty), 'bool');
}

function argExtreme(opType: string, x: Value, axis: number | number[]): Value {
  const numeric = comparable(x, opType === 'ArgMax' ? -Infinity : Infinity);
  const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
  if (x.rank === 0) return fill([], 0, 'int32');
  const shape = x.shape.filter((_, i) => i !== along);
  tf.util.assert(
    x.shape[along] > 0 || sizeOf(shape) === 0,
    () => `${opType}: axis ${along} of a tensor of shape [${x.shape}] is empty.`,
  );
  const found = cast(emit(opType, [numeric], shape, 'int64', { axis: along, keepdims: 0 }), 'int32');
  if (x.dtype !== 'float32' || x.size === 0) return found;
  // No element is larger or smaller than a NaN that comes first.
  const first = reshape(slice(x, [0], [1], x.shape.with(along, 1), [along]), shape);
  return where(emit('IsNaN', [first], shape, 'bool'), scalar(0, 'int32'), found);
}

/** Replaces NaN so that it is not the result, as in a JavaScript comparison. */
function comparable(x: Value, last: number): Value {
  if (x.dtype !== 'float32') return cast(x, 'int32');
  return where(emit('IsNaN', [x], x.shape, 'bool'), scalar(last, 'float32'), x);
}

function cumsum(x: Value, { axis, exclusive, reverse }: ScanAttrs): Value {
  const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
  return emit('CumSum', [x, scalar(along, 'int64')], x.shape, x.dtype, {
    exclusive: exclusive ? 1 : 0,
    reverse: reverse ? 1 : 0,
  });
}

/**
 * Cumulative product in log₂(n) steps: each multiplies by the same values a power of two further back
 * (ONNX has no such scan).
 */
function cumprod(x: Value, { axis, exclusive, reverse }: ScanAttrs): Value {
  const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
  const length = x.shape[along];
  let result = x;
  const shifted = (value: Value, by: number): Value => {
    const onesShape = value.shape.map((dim, i) => (i === along ? by : dim));
    const restShape = value.shape.map((dim, i) => (i === along ? dim - by : dim));
    const ones = fill(onesShape, 1, value.dtype);
    const from = reverse ? by : 0;
    const rest = slice(value, [from], [from + length - by], restShape, [along]);
    return concat(reverse ? [rest, ones] : [ones, rest], along);
  };
  for (let by = 1; by < length; by *= 2) result = zip('Mul', result, shifted(result, by));
  return exclusive && length > 0 ? shifted(result, 1) : result;
}
