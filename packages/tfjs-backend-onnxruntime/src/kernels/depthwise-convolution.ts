/**
 * Kernels for depthwise 2D convolution: each channel has its own filters; filters are
 * [kh, kw, C, M], and output channel c·M + m belongs to input channel c.
 */
import * as tf from '@transfusion/tfjs';
import { cast, concat, fill, reshape, transpose, zip } from '../graph/build.js';
import { emit } from '../graph/emit.js';
import type { Value } from '../graph/value.js';
import { convolveTransposed, isCorrelation, inputGradientWindow } from './convolve.js';
import { graphKernel } from './kernel.js';
import { reduceInStages } from './staged-reduction.js';
import { reverse } from './layout.js';
import { activated, type FusedAttrs } from './linear.js';
import {
  channelsFirst,
  channelsLast,
  cropUnread,
  onnxWindow,
  outputSizes,
  padToWindows,
  taps,
  tapSlice,
  windowAxes2D,
  withSpatial,
  type WindowAxis,
} from './window.js';

interface DepthwiseAttrs {
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

export function registerDepthwiseConvolutionKernels(): void {
  graphKernel<DepthwiseAttrs>('DepthwiseConv2dNative', ({ x, filter }, attrs) =>
    convolveEach(x, filter, attrs),
  );
  graphKernel<DepthwiseAttrs & FusedAttrs>('FusedDepthwiseConv2D', (inputs, attrs) => {
    const { x, filter, bias, preluActivationWeights } = inputs;
    return activated(convolveEach(x, filter, attrs), attrs, bias, preluActivationWeights);
  });
  graphKernel<DepthwiseAttrs & { inputShape: number[] }>(
    'DepthwiseConv2dNativeBackpropInput',
    ({ dy, filter }, attrs) =>
      inputGradient(
        cast(dy, 'float32'),
        cast(filter, 'float32'),
        axesOf(attrs.inputShape, filter.shape, attrs),
      ),
  );
  graphKernel<DepthwiseAttrs & { filterShape: number[] }>(
    'DepthwiseConv2dNativeBackpropFilter',
    ({ x, dy }, attrs) =>
      filterGradient(cast(x, 'float32'), cast(dy, 'float32'), axesOf(x.shape, attrs.filterShape, attrs)),
  );
}

function axesOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, dilations, pad, dimRoundingMode }: DepthwiseAttrs,
): WindowAxis[] {
  const info = tf.backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    true,
  );
  return windowAxes2D(info);
}

function convolveEach(x: Value, filter: Value, attrs: DepthwiseAttrs): Value {
  const axes = axesOf(x.shape, filter.shape, attrs);
  const [channels, multiplier] = filter.shape.slice(2);
  const shape = withSpatial(x.shape, outputSizes(axes), channels * multiplier);
  if (x.size === 0) return fill(shape, 0, 'float32');
  const [cropped, window] = cropUnread(cast(x, 'float32'), axes);
  const inputs = [channelsFirst(cropped), perOutput(cast(filter, 'float32'))];
  const out = [x.shape[0], channels * multiplier, ...outputSizes(axes)];
  return channelsLast(emit('Conv', inputs, out, 'float32', { ...onnxWindow(window), group: channels }));
}

/** [kh, kw, C, M] → [C·M, 1, kh, kw]. */
function perOutput(filter: Value): Value {
  const [height, width, channels, multiplier] = filter.shape;
  return reshape(transpose(filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width]);
}

function inputGradient(dy: Value, filter: Value, axes: readonly WindowAxis[]): Value {
  const channels = filter.shape[2];
  const inputs = axes.map(({ input }) => input);
  if (dy.size === 0) return fill(withSpatial(dy.shape, inputs, channels), 0, 'float32');
  if (!isCorrelation(axes)) return convolveTransposed(dy, perOutput(filter), axes, channels, channels);
  const turned = transpose(reverse(filter, [0, 1]), [2, 3, 0, 1]); // [C, M, kh, kw]
  const attributes = { ...onnxWindow(axes.map(inputGradientWindow)), group: channels };
  const out = [dy.shape[0], channels, ...inputs];
  return channelsLast(emit('Conv', [channelsFirst(dy), turned], out, 'float32', attributes));
}

/** Multiplies, for each tap, the inputs under it by `dy`, and sums over batch and positions. */
function filterGradient(x: Value, dy: Value, axes: readonly WindowAxis[]): Value {
  const channels = x.shape[3];
  const multiplier = channels === 0 ? 0 : dy.shape[3] / channels;
  const shape = [...axes.map(({ kernel }) => kernel), channels, multiplier];
  if (x.size === 0 || dy.size === 0) return fill(shape, 0, 'float32');
  const count = dy.size / dy.shape[3];
  const gradients = reshape(dy, [count, channels, multiplier]);
  const padded = padToWindows(x, axes);
  const perTap = taps(axes).map((tap) => {
    const rows = reshape(tapSlice(padded, axes, tap), [count, channels, 1]);
    return reduceInStages('ReduceSum', zip('Mul', rows, gradients), [0], true);
  });
  return reshape(concat(perTap, 0), shape);
}
