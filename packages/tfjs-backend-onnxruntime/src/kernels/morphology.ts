/** Kernels for grayscale dilation: the maximum over a window of input plus filter, per channel. */
import * as tf from '@transfusion/tfjs';
import { concat, fill, map, pad, reshape, slice, where, zip } from '../graph/build.js';
import { scalar } from '../graph/emit.js';
import type { Value } from '../graph/value.js';
import { graphKernel } from './kernel.js';
import { reduceInStages } from './staged-reduction.js';
import { padToWindows, taps, tapSlice, unpadFromWindows, windowAxes2D, type WindowAxis } from './window.js';

interface DilationAttrs {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number;
  readonly dilations: number | [number, number];
}

export function registerMorphologyKernels(): void {
  graphKernel<DilationAttrs>('Dilation2D', ({ x, filter }, attrs) =>
    candidates(x, filter, axesOf(x, filter, attrs)).reduce((best, value) => zip('Max', best, value)),
  );
  graphKernel<DilationAttrs>('Dilation2DBackpropInput', ({ x, filter, dy }, attrs) => {
    const axes = axesOf(x, filter, attrs);
    const offsets = taps(axes);
    const shares = sharesOf(candidates(x, filter, axes), dy);
    const spread = shares.map((share, i) => placeTap(share, axes, offsets[i]));
    return unpadFromWindows(
      spread.reduce((sum, part) => zip('Add', sum, part)),
      axes,
    );
  });
  graphKernel<DilationAttrs>('Dilation2DBackpropFilter', ({ x, filter, dy }, attrs) => {
    const shares = sharesOf(candidates(x, filter, axesOf(x, filter, attrs)), dy);
    const sums = shares.map((share) =>
      reshape(reduceInStages('ReduceSum', share, [0, 1, 2], false), [1, x.shape[3]]),
    );
    return reshape(concat(sums, 0), filter.shape);
  });
}

function axesOf(x: Value, filter: Value, { strides, pad, dilations }: DilationAttrs): WindowAxis[] {
  const info = tf.backend_util.computeDilation2DInfo(
    x.shape as [number, number, number, number],
    filter.shape as [number, number, number],
    strides,
    pad,
    'NHWC',
    dilations,
  );
  return windowAxes2D(info);
}

/** Candidates of each tap of the filter for the maximum of every window. */
function candidates(x: Value, filter: Value, axes: readonly WindowAxis[]): Value[] {
  // Padding must never be the maximum.
  const padded = padToWindows(x, axes, LOWEST);
  return taps(axes).map((tap) => {
    const ends = tap.map((at) => at + 1);
    const weights = slice(filter, tap, ends, [1, 1, filter.shape[2]], [0, 1]);
    return zip('Add', tapSlice(padded, axes, tap), weights);
  });
}

const LOWEST = -(2 ** 100);

/** Routes `dy` to the first candidate that is the maximum; the others get zero. */
function sharesOf(values: readonly Value[], dy: Value): Value[] {
  const best = values.reduce((max, value) => zip('Max', max, value));
  let open = fill(dy.shape, 1, 'bool');
  return values.map((value) => {
    const wins = zip('And', open, zip('Equal', value, best, 'bool'));
    open = zip('And', open, map('Not', wins));
    return where(wins, dy, scalar(0, dy.dtype));
  });
}

/** Adjoint of `tapSlice`: writes values back to where they were read, zeros elsewhere. */
function placeTap(values: Value, axes: readonly WindowAxis[], tap: readonly number[]): Value {
  return axes.reduce((placed, { stride, dilation, output, kernel }, i) => {
    const axis = i + 1;
    const outer = placed.shape.slice(0, axis);
    const inner = placed.shape.slice(axis + 1);
    const covered = (output - 1) * stride + (kernel - 1) * dilation + 1;
    const start = tap[i] * dilation;
    const none: [number, number] = [0, 0];
    // Zeros after each value; those after the last are cropped.
    const apart = reshape(placed, [...outer, output, 1, ...inner]);
    const gaps = [...outer.map(() => none), none, [0, stride - 1] as const, ...inner.map(() => none)];
    const long = reshape(pad(apart, gaps), [...outer, output * stride, ...inner]);
    const length = (output - 1) * stride + 1;
    const strided = slice(long, [0], [length], [...outer, length, ...inner], [axis]);
    const margins = [
      ...outer.map(() => none),
      [start, covered - length - start] as const,
      ...inner.map(() => none),
    ];
    return pad(strided, margins);
  }, values);
}
