/** Kernels for 2D and 3D convolution and their gradients. */
import * as tf from '@transfusion/tfjs';
import { cast, reshape } from '../graph/build.js';
import type { Value } from '../graph/value.js';
import { convolve, convolveFilterGradient, convolveInputGradient } from './convolve.js';
import { graphKernel } from './kernel.js';
import { activated, type FusedAttrs } from './linear.js';
import { channelsFirst, channelsLast, windowAxes2D, windowAxes3D, type WindowAxis } from './window.js';

type Pad = 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
type RoundingMode = 'floor' | 'round' | 'ceil';

interface Conv2DAttrs {
  readonly strides: number | [number, number];
  readonly pad: Pad;
  readonly dataFormat: 'NHWC' | 'NCHW';
  /** Also passed to the gradient kernels by this package's gradient of `Conv2D`. */
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: RoundingMode;
}

interface Conv3DAttrs {
  readonly strides: number | [number, number, number];
  readonly pad: 'valid' | 'same';
  readonly dilations?: number | [number, number, number];
}

export function registerConvolutionKernels(): void {
  graphKernel<Conv2DAttrs>('Conv2D', ({ x, filter }, attrs) => {
    const axes = axes2D(x.shape, filter.shape, attrs);
    return inFormat(attrs, convolve(fromFormat(attrs, x), float(filter), axes));
  });
  graphKernel<Conv2DAttrs & FusedAttrs>('FusedConv2D', (inputs, attrs) => fusedConv2D(inputs, attrs));
  graphKernel<Conv2DAttrs & { inputShape: number[] }>('Conv2DBackpropInput', ({ dy, filter }, attrs) => {
    const axes = axes2D(attrs.inputShape, filter.shape, attrs);
    return inFormat(attrs, convolveInputGradient(fromFormat(attrs, dy), float(filter), axes));
  });
  graphKernel<Conv2DAttrs & { filterShape: number[] }>('Conv2DBackpropFilter', ({ x, dy }, attrs) => {
    const axes = axes2D(x.shape, attrs.filterShape, attrs);
    return convolveFilterGradient(fromFormat(attrs, x), fromFormat(attrs, dy), axes);
  });

  graphKernel<Conv3DAttrs>('Conv3D', ({ x, filter }, attrs) =>
    convolve(float(x), float(filter), axes3D(x.shape, filter.shape, attrs)),
  );
  graphKernel<Conv3DAttrs & { inputShape: number[] }>('Conv3DBackpropInputV2', ({ dy, filter }, attrs) =>
    convolveInputGradient(float(dy), float(filter), axes3D(attrs.inputShape, filter.shape, attrs)),
  );
  graphKernel<Conv3DAttrs & { filterShape: number[] }>('Conv3DBackpropFilterV2', ({ x, dy }, attrs) =>
    convolveFilterGradient(float(x), float(dy), axes3D(x.shape, attrs.filterShape, attrs)),
  );
}

function fusedConv2D(
  { x, filter, bias, preluActivationWeights }: Readonly<Record<string, Value>>,
  attrs: Conv2DAttrs & FusedAttrs,
): Value {
  const axes = axes2D(x.shape, filter.shape, attrs);
  const outChannels = filter.shape[3];
  const input = fromFormat(attrs, x);
  if (bias !== undefined && bias.rank <= 1 && bias.size === outChannels) {
    const y = convolve(input, float(filter), axes, reshape(bias, [outChannels]));
    return activated(inFormat(attrs, y), attrs, undefined, perChannel(attrs, preluActivationWeights));
  }
  const y = inFormat(attrs, convolve(input, float(filter), axes));
  return activated(y, attrs, bias, perChannel(attrs, preluActivationWeights));
}

/** With channels first, a vector applies to the channels, as in the cpu backend. */
function perChannel({ dataFormat }: Conv2DAttrs, weights: Value | undefined): Value | undefined {
  if (dataFormat !== 'NCHW' || weights?.rank !== 1 || weights.size === 1) return weights;
  return reshape(weights, [weights.size, 1, 1]);
}

function axes2D(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, dilations, pad, dimRoundingMode, dataFormat }: Conv2DAttrs,
): WindowAxis[] {
  const info = tf.backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    false,
    tf.backend_util.convertConv2DDataFormat(dataFormat ?? 'NHWC'),
  );
  return windowAxes2D(info);
}

function axes3D(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, dilations, pad }: Conv3DAttrs,
): WindowAxis[] {
  const info = tf.backend_util.computeConv3DInfo(
    inputShape as [number, number, number, number, number],
    filterShape as [number, number, number, number, number],
    strides,
    dilations ?? 1,
    pad,
  );
  return windowAxes3D(info);
}

function float(x: Value): Value {
  return cast(x, 'float32');
}

function fromFormat({ dataFormat }: Conv2DAttrs, x: Value): Value {
  return dataFormat === 'NCHW' ? channelsLast(float(x)) : float(x);
}

function inFormat({ dataFormat }: Conv2DAttrs, y: Value): Value {
  return dataFormat === 'NCHW' ? channelsFirst(y) : y;
}
