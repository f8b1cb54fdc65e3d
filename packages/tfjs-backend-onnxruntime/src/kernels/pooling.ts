/** Kernels for 2D and 3D pooling and their gradients. */
import * as tf from '@transfusion/tfjs';
import { cast, castWrapping, fill, reshape, where, zip } from '../graph/build.js';
import { emit, emitMany, scalar } from '../graph/emit.js';
import { constant, type Value } from '../graph/value.js';
import { axisMapsGradient, type AxisMap } from './axis-transform.js';
import { graphKernel } from './kernel.js';
import { reverse } from './layout.js';
import {
  channelsFirst,
  channelsLast,
  onnxWindow,
  outputSizes,
  padToWindows,
  unpadFromWindows,
  windowAxes2D,
  windowAxes3D,
  withSpatial,
  type WindowAxis,
} from './window.js';

interface PoolAttrs {
  readonly filterSize: number | number[];
  readonly strides: number | number[];
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type AxesOf = (shape: readonly number[], attrs: PoolAttrs) => WindowAxis[];

export function registerPoolingKernels(): void {
  // Of equal maxima the cpu backend selects the first in 2D, the last in 3D.
  for (const [suffix, axesOf, tie] of [
    ['', axes2D, 'first'],
    ['3D', axes3D, 'last'],
  ] as const) {
    graphKernel<PoolAttrs>(`MaxPool${suffix}`, ({ x }, attrs) => maxPool(x, axesOf(x.shape, attrs)));
    graphKernel<PoolAttrs>(`AvgPool${suffix}`, ({ x }, attrs) => avgPool(x, axesOf(x.shape, attrs)));
    graphKernel<PoolAttrs>(`MaxPool${suffix}Grad`, ({ dy, input }, attrs) =>
      maxPoolGradient(dy, input, axesOf(input.shape, attrs), tie),
    );
    graphKernel<PoolAttrs>(`AvgPool${suffix}Grad`, ({ dy, input }, attrs) =>
      avgPoolGradient(dy, axesOf(input.shape, attrs)),
    );
  }
  graphKernel<PoolAttrs & { includeBatchInIndex: boolean }>('MaxPoolWithArgmax', ({ x }, attrs) => {
    return maxPoolWithArgmax(x, axes2D(x.shape, attrs), attrs.includeBatchInIndex);
  });
}

const axes2D: AxesOf = (shape, { filterSize, strides, pad, dimRoundingMode }) =>
  windowAxes2D(
    tf.backend_util.computePool2DInfo(
      shape as [number, number, number, number],
      filterSize as number | [number, number],
      strides as number | [number, number],
      1,
      pad,
      dimRoundingMode,
    ),
  );

const axes3D: AxesOf = (shape, { filterSize, strides, pad, dimRoundingMode }) =>
  windowAxes3D(
    tf.backend_util.computePool3DInfo(
      shape as [number, number, number, number, number],
      filterSize as number | [number, number, number],
      strides as number | [number, number, number],
      1,
      pad as 'valid' | 'same' | number,
      dimRoundingMode,
    ),
  );

function isIdentity(axes: readonly WindowAxis[]): boolean {
  return axes.every(({ kernel, input, output }) => kernel === 1 && input === output);
}

/**
 * Returns the input and its windows in a form that ONNX's pools accept: padding must be smaller than
 * the window, so any larger padding is applied to the input first, with `value`.
 */
function poolable(x: Value, axes: readonly WindowAxis[], value: number): [Value, readonly WindowAxis[]] {
  const narrow = axes.every(
    ({ before, after, kernel, stride }) =>
      before >= 0 && before < kernel && after < kernel && after > -stride,
  );
  if (narrow) return [x, axes];
  const padded = padToWindows(x, axes, value);
  return [padded, covering(padded, axes)];
}

/** The same windows over the result of `padToWindows`. */
function covering(padded: Value, axes: readonly WindowAxis[]): WindowAxis[] {
  return axes.map((axis, i) => ({ ...axis, input: padded.shape[i + 1], before: 0, after: 0 }));
}

/** Output shape [N, C, …outputs] of windows over [N, …spatial, C]. */
function pooledShape(x: Value, axes: readonly WindowAxis[]): number[] {
  return [x.shape[0], x.shape[x.rank - 1], ...outputSizes(axes)];
}

function maxPool(x: Value, axes: readonly WindowAxis[]): Value {
  if (isIdentity(axes)) return x;
  if (x.size === 0) return fill(withSpatial(x.shape, outputSizes(axes)), 0, x.dtype);
  // ONNX Runtime's MaxPool does not support int32; float64 represents every int32 exactly.
  const dtype = x.dtype === 'float32' ? 'float32' : 'float64';
  const [input, window] = poolable(cast(x, dtype), axes, -Infinity);
  const maxima = emit('MaxPool', [channelsFirst(input)], pooledShape(x, axes), dtype, onnxWindow(window));
  return cast(channelsLast(maxima), x.dtype);
}

/**
 * Computes the maxima and their flat indices in `x` (in ONNX's axis order): the first of equal ones, as
 * in the cpu backend. `found` is false where a window has none, because all its elements are NaN or −∞.
 */
function maxPoolIndices(
  x: Value,
  window: readonly WindowAxis[],
): { maxima: Value; indices: Value; found: Value } {
  const shape = pooledShape(x, window);
  const specs = [
    { shape, dtype: x.dtype },
    { shape, dtype: 'int64' as const },
  ];
  const [maxima, indices] = emitMany('MaxPool', [channelsFirst(x)], specs, onnxWindow(window));
  return { maxima, indices, found: zip('Greater', maxima, scalar(LOWEST_FLOAT32, x.dtype), 'bool') };
}

/** Initial maximum of ONNX Runtime's MaxPool. */
const LOWEST_FLOAT32 = -(2 - 2 ** -23) * 2 ** 127;

function maxPoolGradient(dy: Value, x: Value, axes: readonly WindowAxis[], tie: 'first' | 'last'): Value {
  if (x.size === 0 || dy.size === 0) return fill(x.shape, 0, 'float32');
  if (tie === 'last') {
    // In the reversed input the last maximum comes first.
    const turned = (value: Value): Value =>
      reverse(
        value,
        axes.map((_, i) => i + 1),
      );
    const padded = padToWindows(cast(x, 'float32'), axes, -Infinity);
    return unpadFromWindows(
      turned(maxPoolGradient(turned(dy), turned(padded), covering(padded, axes), 'first')),
      axes,
    );
  }
  const [input, window] = poolable(cast(x, 'float32'), axes, -Infinity);
  const { indices, found } = maxPoolIndices(input, window);
  const updates = where(found, channelsFirst(cast(dy, 'float32')), scalar(0, 'float32'));
  const targets = where(found, indices, scalar(0, 'int64'));
  const scattered = emit(
    'ScatterElements',
    [fill([input.size], 0, 'float32'), reshape(targets, [dy.size]), reshape(updates, [dy.size])],
    [input.size],
    'float32',
    { axis: 0, reduction: 'add' },
  );
  const [batch, ...rest] = input.shape;
  const gradient = channelsLast(reshape(scattered, [batch, rest[rest.length - 1], ...rest.slice(0, -1)]));
  return window === axes ? gradient : unpadFromWindows(gradient, axes);
}

function maxPoolWithArgmax(x: Value, axes: readonly WindowAxis[], includeBatch: boolean): Value[] {
  const float = cast(x, 'float32');
  // NaN is never the maximum, but ONNX Runtime lets it be when it returns indices.
  const isNaN = emit('IsNaN', [float], x.shape, 'bool');
  const comparable = where(isNaN, scalar(-Infinity, 'float32'), float);
  const [input, window] = poolable(comparable, axes, -Infinity);
  const { maxima, indices, found } = maxPoolIndices(input, window);
  const [batch, height, width, channels] = x.shape;
  // From indices into [N, C, h, w], perhaps padded, to indices into [h, w, C] or [N, h, w, C].
  const [paddedHeight, paddedWidth] = [input.shape[1], input.shape[2]];
  const [top, left] = window === axes ? [0, 0] : axes.map(({ before }) => before);
  const c = (value: number): Value => scalar(value, 'int64');
  const pixel = zip('Mod', indices, c(paddedHeight * paddedWidth));
  const row = zip('Sub', zip('Div', pixel, c(paddedWidth)), c(top));
  const column = zip('Sub', zip('Mod', pixel, c(paddedWidth)), c(left));
  const channel = constant(
    Array.from({ length: channels }, (_, i) => i),
    [1, channels, 1, 1],
    'int64',
  );
  const inImage = zip('Add', zip('Mul', zip('Add', zip('Mul', row, c(width)), column), c(channels)), channel);
  const starts = Array.from({ length: batch }, (_, i) => (includeBatch ? i * height * width * channels : 0));
  const flat = zip('Add', inImage, constant(starts, [batch, 1, 1, 1], 'int64'));
  const known = where(found, flat, c(-1));
  return [cast(channelsLast(maxima), x.dtype), cast(channelsLast(known), 'int32')];
}

function avgPool(x: Value, axes: readonly WindowAxis[]): Value {
  if (isIdentity(axes)) return x;
  const shape = withSpatial(x.shape, outputSizes(axes));
  if (x.size === 0) return fill(shape, 0, x.dtype);
  const [input, window] = poolable(cast(x, 'float32'), axes, 0);
  const attributes = { ...onnxWindow(window), count_include_pad: 0 };
  const means = channelsLast(
    emit('AveragePool', [channelsFirst(input)], pooledShape(x, axes), 'float32', attributes),
  );
  if (window === axes) return castWrapping(means, x.dtype);
  // The average includes the padding: correct each axis for it.
  const exact = axes.reduce((result, axis, i) => {
    const factors = insideCounts(axis).map((count) => (count === 0 ? 0 : axis.kernel / count));
    return zip(
      'Mul',
      result,
      constant(
        factors,
        shape.map((dim, j) => (j === i + 1 ? dim : 1)),
        'float32',
      ),
    );
  }, means);
  return castWrapping(exact, x.dtype);
}

/** Number of elements of each window that lie inside the input. */
function insideCounts({ input, output, kernel, stride, before }: WindowAxis): number[] {
  return Array.from({ length: output }, (_, i) => {
    const start = i * stride - before;
    return Math.max(0, Math.min(input, start + kernel) - Math.max(0, start));
  });
}

/**
 * Spreads each `dy` evenly over the inputs of its window. (The cpu backend divides by the size of the
 * whole window, even where part of it is padding, which contradicts finite differences.)
 */
function avgPoolGradient(dy: Value, axes: readonly WindowAxis[]): Value {
  if (dy.size === 0) {
    const inputs = axes.map(({ input }) => input);
    return fill(withSpatial(dy.shape, inputs), 0, 'float32');
  }
  return axisMapsGradient(cast(dy, 'float32'), axes.map(meanOverWindow));
}

function meanOverWindow(axis: WindowAxis): AxisMap {
  const weights = insideCounts(axis).map((count) => (count === 0 ? 0 : 1 / count));
  const terms = Array.from({ length: axis.kernel }, (_, tap) => ({
    indices: weights.map((_, output) => output * axis.stride - axis.before + tap),
    weights,
  }));
  return { input: axis.input, terms };
}
