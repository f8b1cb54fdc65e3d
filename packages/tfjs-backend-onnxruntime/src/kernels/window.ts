/** The geometry of sliding windows: convolutions and pools over any number of spatial axes. */
import type * as tf from '@transfusion/tfjs';
import { pad, reshape, slice, transpose, zip } from '../graph/build.js';
import { emit } from '../graph/emit.js';
import { constant, sizeOf, type Attributes, type Shape, type Value } from '../graph/value.js';

/** Geometry of a window that slides along one spatial axis. */
export interface WindowAxis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding before the input; negative if the windows skip some elements. */
  readonly before: number;
  /** Padding after the input; negative likewise. */
  readonly after: number;
}

/** Converts TensorFlow.js's description of a 2D convolution or pool. */
export function windowAxes2D(info: tf.backend_util.Conv2DInfo): WindowAxis[] {
  const { padInfo } = info;
  return [
    axis(
      info.inHeight,
      info.outHeight,
      info.filterHeight,
      info.strideHeight,
      info.dilationHeight,
      padInfo.top,
    ),
    axis(info.inWidth, info.outWidth, info.filterWidth, info.strideWidth, info.dilationWidth, padInfo.left),
  ];
}

/** Converts TensorFlow.js's description of a 3D convolution or pool. */
export function windowAxes3D(info: tf.backend_util.Conv3DInfo): WindowAxis[] {
  const { padInfo } = info;
  return [
    axis(info.inDepth, info.outDepth, info.filterDepth, info.strideDepth, info.dilationDepth, padInfo.front),
    axis(
      info.inHeight,
      info.outHeight,
      info.filterHeight,
      info.strideHeight,
      info.dilationHeight,
      padInfo.top,
    ),
    axis(info.inWidth, info.outWidth, info.filterWidth, info.strideWidth, info.dilationWidth, padInfo.left),
  ];
}

function axis(
  input: number,
  output: number,
  kernel: number,
  stride: number,
  dilation: number,
  before: number,
): WindowAxis {
  // Not the padding that TensorFlow.js reports: rounding may use less of it, or more.
  const covered = (output - 1) * stride + (kernel - 1) * dilation + 1;
  return { input, output, kernel, stride, dilation, before, after: covered - input - before };
}

/** Distance between the first and the last input that a window reads. */
export function reach({ kernel, dilation }: WindowAxis): number {
  return (kernel - 1) * dilation;
}

export function outputSizes(axes: readonly WindowAxis[]): number[] {
  return axes.map(({ output }) => output);
}

/** Returns the attributes of ONNX's `Conv` and pools, for axes that skip nothing at the start. */
export function onnxWindow(axes: readonly WindowAxis[]): Attributes {
  return {
    kernel_shape: axes.map(({ kernel }) => kernel),
    strides: axes.map(({ stride }) => stride),
    dilations: axes.map(({ dilation }) => dilation),
    pads: [...axes.map(({ before }) => before), ...axes.map(({ after }) => Math.max(0, after))],
  };
}

/**
 * Crops elements of `x` [N, …spatial, C] that no window reads; returns the cropped axes as well. Less
 * than a stride remains at the end: incomplete windows do not count.
 */
export function cropUnread(x: Value, axes: readonly WindowAxis[]): [Value, readonly WindowAxis[]] {
  const cropped = axes.map((axis) => {
    const before = Math.max(0, axis.before);
    const after = axis.after <= -axis.stride ? 0 : axis.after;
    return { ...axis, before, after, input: axis.input + axis.before - before + axis.after - after };
  });
  return [cutTo(x, axes, cropped), cropped];
}

/** Pads and crops `x` [N, …spatial, C] to exactly the extent that the windows cover. */
export function padToWindows(x: Value, axes: readonly WindowAxis[], value = 0): Value {
  const margins = axes.map(({ before, after }) => [Math.max(0, before), Math.max(0, after)] as const);
  const read = axes.map((axis) => ({
    input: axis.input + Math.min(0, axis.before) + Math.min(0, axis.after),
  }));
  return pad(cutTo(x, axes, read), [[0, 0], ...margins, [0, 0]], value);
}

/** Takes the inputs that `cropped` counts, which begin where the windows do. */
function cutTo(x: Value, axes: readonly WindowAxis[], cropped: readonly { readonly input: number }[]): Value {
  if (axes.every(({ input }, i) => input === cropped[i].input)) return x;
  const starts = axes.map(({ before }) => Math.max(0, -before));
  const ends = starts.map((start, i) => start + cropped[i].input);
  return slice(
    x,
    starts,
    ends,
    withSpatial(
      x.shape,
      cropped.map(({ input }) => input),
    ),
    spatial(axes),
  );
}

/** Adjoint of {@link padToWindows}: back to the extent of the input, zeros where it was cropped. */
export function unpadFromWindows(x: Value, axes: readonly WindowAxis[]): Value {
  const starts = axes.map(({ before }) => Math.max(0, before));
  const margins = axes.map(({ before, after }) => [Math.max(0, -before), Math.max(0, -after)] as const);
  const inner = axes.map(({ input }, i) => input - margins[i][0] - margins[i][1]);
  const shape = withSpatial(x.shape, inner);
  const ends = starts.map((start, i) => start + inner[i]);
  const cropped = axes.some(({ before, after }) => before > 0 || after > 0)
    ? slice(x, starts, ends, shape, spatial(axes))
    : x;
  return pad(cropped, [[0, 0], ...margins, [0, 0]]);
}

/** Returns the offsets inside the window, row by row. */
export function taps(axes: readonly WindowAxis[]): number[][] {
  return axes.reduce<number[][]>(
    (all, { kernel }) => all.flatMap((outer) => Array.from({ length: kernel }, (_, i) => [...outer, i])),
    [[]],
  );
}

/** Slices the element at `tap` of every window of a padded `x`: [N, …outputs, C]. */
export function tapSlice(padded: Value, axes: readonly WindowAxis[], tap: readonly number[]): Value {
  const shape = withSpatial(padded.shape, outputSizes(axes));
  const starts = axes.map(({ dilation }, i) => tap[i] * dilation);
  const ends = axes.map(({ output, stride }, i) => starts[i] + (output - 1) * stride + 1);
  const steps = axes.map(({ stride }) => stride);
  if (shape.every((dim, i) => dim === padded.shape[i])) return padded;
  const strided = steps.some((step) => step !== 1);
  return slice(padded, starts, ends, shape, spatial(axes), strided ? steps : undefined);
}

/**
 * Gathers the windows of a padded `x` as rows [N·…outputs, …kernel·C] (im2col). One Gather, which ONNX
 * Runtime parallelizes; slices and their concatenation take at least twice as long.
 */
export function windowRows(padded: Value, axes: readonly WindowAxis[]): Value {
  const [batch, channels] = [padded.shape[0], padded.shape[padded.rank - 1]];
  const positions = sizeOf(padded.shape.slice(1, -1));
  const units = axes.map((_, i) => sizeOf(padded.shape.slice(i + 2, -1)));
  const gathered = gatherSums(reshape(padded, [batch, positions, channels]), [
    ...axes.map(({ output, stride }, i) => [output, stride * units[i]] as const),
    ...axes.map(({ kernel, dilation }, i) => [kernel, dilation * units[i]] as const),
  ]);
  const rows = batch * sizeOf(outputSizes(axes));
  return reshape(gathered, [rows, gathered.size / rows]);
}

/**
 * Gathers along axis 1 of `x` [N, M, K], at `first` plus a multiple of each axis's step: [N, counts…, K] as
 * [N, ·, K]. ONNX Runtime folds the index arithmetic when it loads the graph.
 */
export function gatherSums(
  x: Value,
  axes: readonly (readonly [count: number, step: number])[],
  first = 0,
): Value {
  const offsets = axes.map(([count, step], i) => {
    const shape = axes.map(() => 1);
    shape[i] = count;
    return constant(
      Array.from({ length: count }, (_, at) => at * step + (i === 0 ? first : 0)),
      shape,
      'int32',
    );
  });
  const index = offsets.reduce((sum, offset) => zip('Add', sum, offset));
  return emit('Gather', [x, reshape(index, [index.size])], [x.shape[0], index.size, x.shape[2]], x.dtype, {
    axis: 1,
  });
}

function spatial(axes: readonly WindowAxis[]): number[] {
  return axes.map((_, i) => i + 1);
}

/** Transposes [N, …spatial, C] → [N, C, …spatial], the layout of ONNX. */
export function channelsFirst(x: Value): Value {
  const axes = x.shape.map((_, i) => i);
  return transpose(x, [0, x.rank - 1, ...axes.slice(1, -1)]);
}

/** Transposes [N, C, …spatial] → [N, …spatial, C], the layout of TensorFlow.js. */
export function channelsLast(x: Value): Value {
  const axes = x.shape.map((_, i) => i);
  return transpose(x, [0, ...axes.slice(2), 1]);
}

/** Returns the shape [N, …spatial, C] with other spatial sizes and channels. */
export function withSpatial(
  shape: Shape,
  sizes: readonly number[],
  channels = shape[shape.length - 1],
): number[] {
  return [shape[0], ...sizes, channels];
}
