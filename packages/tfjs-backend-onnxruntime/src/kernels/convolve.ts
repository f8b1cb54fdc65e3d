/**
 * Convolution and its two gradients over any number of spatial axes. `x` and `dy` are
 * [N, …spatial, C], filters [...kernel, C, O].
 */
import {
  concat,
  fill,
  matMul,
  pad,
  reduce,
  reshape,
  slice,
  swapLastTwo,
  transpose,
  zip,
} from '../graph/build.js';
import { emit } from '../graph/emit.js';
import { sizeOf, type Value } from '../graph/value.js';
import { reverse, split } from './layout.js';
import {
  channelsFirst,
  channelsLast,
  cropUnread,
  gatherSums,
  onnxWindow,
  outputSizes,
  padToWindows,
  reach,
  unpadFromWindows,
  windowRows,
  withSpatial,
  type WindowAxis,
} from './window.js';

/** Maximum memory of operands that copy the batch tap by tap; larger batches are split. */
const MAX_OPERAND_BYTES = 32 * 2 ** 20;

/**
 * Positions of a feature map up to which a product of windows and filter is faster than `Conv`. Measured
 * with 16 images, 256 and 512 channels, 3 × 3 filters: twice as fast at 8 × 8, five times at 4 × 4, equal at
 * 16 × 16.
 */
const SMALL_MAP = 128;

/**
 * Channels up to which the filter gradient is a product of rows and columns. Measured with 16 images: 1.4
 * times as fast as with windows at 32 channels and 64 × 64, 1.8 times at 64 and 32 × 32, equal at 128.
 */
const FEW_CHANNELS = 64;

/** Convolves `x`, and adds a bias [O] if there is one. */
export function convolve(x: Value, filter: Value, axes: readonly WindowAxis[], bias?: Value): Value {
  const outChannels = filter.shape[filter.rank - 1];
  const shape = withSpatial(x.shape, outputSizes(axes), outChannels);
  if (x.size === 0 || filter.size === 0) return fill(shape, 0, 'float32');
  if (isTiling(axes)) {
    const product = matMul(tilesOf(x, axes), filterMatrix(filter));
    return reshape(bias === undefined ? product : zip('Add', product, bias), shape);
  }
  if (isSmallMap(axes)) {
    const product = windowProduct(x, filter, axes);
    return bias === undefined ? product : zip('Add', product, bias);
  }
  const [cropped, window] = cropUnread(x, axes);
  const inputs = [channelsFirst(cropped), transpose(filter, onnxFilterAxes(filter, 'OC'))];
  if (bias !== undefined) inputs.push(bias);
  const out = [x.shape[0], outChannels, ...outputSizes(axes)];
  return channelsLast(emit('Conv', inputs, out, 'float32', onnxWindow(window)));
}

/** Computes the gradient of {@link convolve} with respect to `x`. */
export function convolveInputGradient(gradient: Value, filter: Value, axes: readonly WindowAxis[]): Value {
  const dy = firstOutputs(gradient, axes);
  const [inChannels, outChannels] = filter.shape.slice(-2) as [number, number];
  const inputs = axes.map(({ input }) => input);
  const shape = withSpatial(dy.shape, inputs, inChannels);
  if (dy.size === 0 || filter.size === 0) return fill(shape, 0, 'float32');
  if (isTiling(axes)) {
    const rows = reshape(dy, [dy.size / outChannels, outChannels]);
    return untile(matMul(rows, swapLastTwo(filterMatrix(filter))), axes, shape);
  }
  if (isCorrelation(axes)) {
    // With stride 1 the gradient is itself a convolution with the flipped filter: its GEMM is as fast
    // as the forward one, whereas ConvTranspose would sum overlapping columns.
    const turned = reverse(
      filter,
      axes.map((_, i) => i),
    );
    if (isSmallMap(axes)) {
      const kernel = axes.map((_, i) => i);
      return windowProduct(
        dy,
        transpose(turned, [...kernel, axes.length + 1, axes.length]),
        axes.map(inputGradientWindow),
      );
    }
    const inputs = [channelsFirst(dy), transpose(turned, onnxFilterAxes(filter, 'CO'))];
    const out = [dy.shape[0], inChannels, ...axes.map(({ input }) => input)];
    return channelsLast(emit('Conv', inputs, out, 'float32', onnxWindow(axes.map(inputGradientWindow))));
  }
  return convolveTransposed(dy, transpose(filter, onnxFilterAxes(filter, 'OC')), axes, inChannels, 1);
}

/**
 * Computes the gradient of {@link convolve} with respect to the filter: the windows (im2col),
 * transposed, times `dy`. One large product is faster than one for each tap (except for the smallest
 * feature maps, where they are equal), and twice as fast as ONNX's `Conv` with the batch as channels.
 * Its operand is kernel-size times as large as `x`, which does not pay off with few channels: see
 * {@link rowsTimesColumns}. Either way large batches are split.
 */
export function convolveFilterGradient(x: Value, dy: Value, axes: readonly WindowAxis[]): Value {
  const inChannels = x.shape[x.rank - 1];
  const outChannels = dy.shape[dy.rank - 1];
  const kernels = axes.map(({ kernel }) => kernel);
  const shape = [...kernels, inChannels, outChannels];
  if (x.size === 0 || dy.size === 0) return fill(shape, 0, 'float32');
  if (isTiling(axes)) return reshape(rowsTimes(tilesOf(x, axes), dy), shape);
  const taps = sizeOf(kernels);
  const [h, w] = kernels;
  const shared = h * inChannels + w * outChannels;
  const sharesTaps =
    axes.length === 2 &&
    isCorrelation(axes) &&
    !isSmallMap(axes) &&
    Math.max(inChannels, outChannels) <= FEW_CHANNELS &&
    shared < taps * inChannels;
  const sizes = batchParts(x.shape[0], axes, sharesTaps ? shared : taps * inChannels);
  const gradients = split(dy, sizes, 0);
  const products = split(x, sizes, 0).map((part, i) =>
    sharesTaps
      ? rowsTimesColumns(part, gradients[i], axes[0], axes[1])
      : reshape(rowsTimes(windowRows(padToWindows(part, axes), axes), gradients[i]), shape),
  );
  return products.length === 1 ? products[0] : emit('Sum', products, shape, 'float32');
}

/** Multiplies rows [M, K], transposed, by `dy` reshaped to [M, O]. */
function rowsTimes(rows: Value, gradients: Value): Value {
  return matMul(swapLastTwo(rows), reshape(gradients, [rows.shape[0], gradients.size / rows.shape[0]]));
}

/**
 * Computes the gradient of a filter [h, w, C, O] with its taps divided between the operands: `x` is stacked
 * vertically as the rows of the filter read it, `dy` horizontally as its columns do. Together they are (h + w)
 * times as large as the feature maps, whereas windows are h · w times, and neither needs a transposition for
 * the product. `x` has channels first, as for the convolution itself.
 */
function rowsTimesColumns(x: Value, dy: Value, vertical: WindowAxis, horizontal: WindowAxis): Value {
  const [batch, , , inChannels] = x.shape;
  const outChannels = dy.shape[3];
  const { output: height, kernel: numRows, dilation: rowStep } = vertical;
  const { output: width, kernel: numColumns, dilation: columnStep } = horizontal;
  const paddedHeight = height + reach(vertical);
  const paddedWidth = width + reach(horizontal);
  const padded = pad(channelsFirst(x), [
    [0, 0],
    [0, 0],
    [vertical.before, vertical.after],
    [horizontal.before, horizontal.after],
  ]);
  const lines = reshape(padded, [batch, inChannels * paddedHeight, paddedWidth]);
  const rows = gatherSums(lines, [
    [numRows, rowStep],
    [inChannels, paddedHeight],
    [height, 1],
  ]);
  // A position of `dy` meets column j of the filter where `x` is read j · columnStep positions to the right.
  const margin = reach(horizontal);
  const spread = pad(dy, [
    [0, 0],
    [0, 0],
    [margin, margin],
    [0, 0],
  ]);
  const positions = reshape(spread, [batch, height * (width + 2 * margin), outChannels]);
  const columns = gatherSums(
    positions,
    [
      [height, width + 2 * margin],
      [paddedWidth, 1],
      [numColumns, -columnStep],
    ],
    margin,
  );
  const product = matMul(
    reshape(rows, [batch, numRows * inChannels, height * paddedWidth]),
    reshape(columns, [batch, height * paddedWidth, numColumns * outChannels]),
  );
  const taps = reshape(reduce('ReduceSum', product, [0], false), [
    numRows,
    inChannels,
    numColumns,
    outChannels,
  ]);
  return transpose(taps, [0, 2, 1, 3]);
}

/** Returns true if a feature map is too small for ONNX Runtime's `Conv`, which processes images one by one. */
function isSmallMap(axes: readonly WindowAxis[]): boolean {
  const positions = sizeOf(outputSizes(axes));
  return positions > 0 && positions <= SMALL_MAP;
}

/**
 * Convolves as one product: the windows (im2col) times the filter. Channels stay last, so nothing is
 * transposed.
 */
function windowProduct(x: Value, filter: Value, axes: readonly WindowAxis[]): Value {
  const outChannels = filter.shape[filter.rank - 1];
  const matrix = filterMatrix(filter);
  const sizes = batchParts(x.shape[0], axes, matrix.shape[0]);
  const parts = split(padToWindows(x, axes), sizes, 0).map((part, i) =>
    reshape(matMul(windowRows(part, axes), matrix), [sizes[i], ...outputSizes(axes), outChannels]),
  );
  return concat(parts, 0);
}

/** Splits the batch so that the operands of each part take about {@link MAX_OPERAND_BYTES} at most. */
function batchParts(batch: number, axes: readonly WindowAxis[], elementsPerPosition: number): number[] {
  const bytes = 4 * batch * sizeOf(outputSizes(axes)) * elementsPerPosition;
  return evenParts(batch, Math.min(batch, Math.ceil(bytes / MAX_OPERAND_BYTES)));
}

function evenParts(count: number, parts: number): number[] {
  return Array.from(
    { length: parts },
    (_, i) => Math.floor(((i + 1) * count) / parts) - Math.floor((i * count) / parts),
  );
}

/** Crops `dy`: `conv2dTranspose` accepts more than the convolution it inverts would have returned. */
function firstOutputs(dy: Value, axes: readonly WindowAxis[]): Value {
  const sizes = outputSizes(axes);
  if (sizes.every((size, i) => size === dy.shape[i + 1])) return dy;
  const spatial = axes.map((_, i) => i + 1);
  return slice(
    dy,
    sizes.map(() => 0),
    sizes,
    withSpatial(dy.shape, sizes),
    spatial,
  );
}

/** Applies ONNX `ConvTranspose` to `dy` with an ONNX filter: the gradient for strided windows. */
export function convolveTransposed(
  dy: Value,
  filter: Value,
  axes: readonly WindowAxis[],
  channels: number,
  group: number,
): Value {
  // Compute everything that the windows cover, then crop to the input.
  const covered = axes.map(({ input, before, after }) => input + before + after);
  const spread = emit(
    'ConvTranspose',
    [channelsFirst(dy), filter],
    [dy.shape[0], channels, ...covered],
    'float32',
    { ...onnxWindow(axes), pads: axes.flatMap(() => [0, 0]), group },
  );
  return unpadFromWindows(channelsLast(spread), axes);
}

/** Returns true if the input gradient is a convolution of stride 1. */
export function isCorrelation(axes: readonly WindowAxis[]): boolean {
  return axes.every(
    (axis) =>
      axis.stride === 1 &&
      Math.min(axis.before, axis.after) >= 0 &&
      Math.max(axis.before, axis.after) <= reach(axis),
  );
}

/** Returns the window with which `dy` is convolved for the input gradient. */
export function inputGradientWindow(axis: WindowAxis): WindowAxis {
  return {
    ...axis,
    input: axis.output,
    output: axis.input,
    before: reach(axis) - axis.before,
    after: reach(axis) - axis.after,
  };
}

/** Returns true if windows tile the input, as in 1×1 convolutions and patch embeddings: pure GEMM. */
function isTiling(axes: readonly WindowAxis[]): boolean {
  return axes.every(
    ({ kernel, stride, dilation, before }) =>
      kernel === stride && (dilation === 1 || kernel === 1) && before === 0,
  );
}

/** Reshapes [N, o₁·k₁, o₂·k₂, C] → [N·o₁·o₂, k₁·k₂·C]. */
function tilesOf(x: Value, axes: readonly WindowAxis[]): Value {
  const channels = x.shape[x.rank - 1];
  const cropped = padToWindows(x, axes);
  const rows = x.shape[0] * sizeOf(outputSizes(axes));
  const width = channels * axes.reduce((product, { kernel }) => product * kernel, 1);
  if (width === channels) return reshape(cropped, [rows, width]);
  const split = axes.flatMap(({ output, kernel }) => [output, kernel]);
  const parts = reshape(cropped, [x.shape[0], ...split, channels]);
  return reshape(transpose(parts, [0, ...tileAxes(axes), parts.rank - 1]), [rows, width]);
}

/** Inverts {@link tilesOf}; zeros outside the tiles. */
function untile(tiles: Value, axes: readonly WindowAxis[], shape: readonly number[]): Value {
  const [batch, channels] = [shape[0], shape[shape.length - 1]];
  const covered = [batch, ...axes.map(({ output, kernel }) => output * kernel), channels];
  const kernels = axes.map(({ kernel }) => kernel);
  if (sizeOf(kernels) === 1) return unpadFromWindows(reshape(tiles, covered), axes);
  const parts = reshape(tiles, [batch, ...outputSizes(axes), ...kernels, channels]);
  const order = axes.flatMap((_, i) => [1 + i, 1 + axes.length + i]);
  const joined = reshape(transpose(parts, [0, ...order, parts.rank - 1]), covered);
  return unpadFromWindows(joined, axes);
}

/** Permutation of the axes [N, o₁, k₁, o₂, k₂, …, C]: outputs first, then the kernel. */
function tileAxes(axes: readonly WindowAxis[]): number[] {
  return [...axes.map((_, i) => 1 + 2 * i), ...axes.map((_, i) => 2 + 2 * i)];
}

/** Reshapes [...kernel, C, O] to a matrix from the inputs of a window to the outputs. */
function filterMatrix(filter: Value): Value {
  const outChannels = filter.shape[filter.rank - 1];
  return reshape(filter, [filter.size / outChannels, outChannels]);
}

/** The permutation that turns [...kernel, C, O] into [O, C, ...kernel] or [C, O, ...kernel]. */
function onnxFilterAxes(filter: Value, order: 'OC' | 'CO'): number[] {
  const c = filter.rank - 2;
  const kernel = filter.shape.slice(0, -2).map((_, i) => i);
  return order === 'OC' ? [c + 1, c, ...kernel] : [c, c + 1, ...kernel];
}
