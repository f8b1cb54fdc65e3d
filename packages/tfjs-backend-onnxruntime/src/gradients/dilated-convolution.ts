/**
 * Gradients of convolutions with dilation, which TensorFlow.js 4.22 refuses. This package's kernels
 * support dilation; for other backends zeros are inserted into the filter instead.
 */
import * as tf from '@transfusion/tfjs';
import { BACKEND_NAME } from '../backend/backend.js';

interface ConvolutionAttrs {
  readonly dilations?: number | readonly number[] | null;
  readonly [name: string]: unknown;
}

/** The kernels of a convolution's two gradients, and its number of spatial axes. */
interface Convolution {
  readonly inputKernel: string;
  readonly filterKernel: string;
  readonly rank: 2 | 3;
}

const CONV_2D: Convolution = {
  inputKernel: 'Conv2DBackpropInput',
  filterKernel: 'Conv2DBackpropFilter',
  rank: 2,
};
const CONV_3D: Convolution = {
  inputKernel: 'Conv3DBackpropInputV2',
  filterKernel: 'Conv3DBackpropFilterV2',
  rank: 3,
};
const DEPTHWISE_CONV_2D: Convolution = {
  inputKernel: 'DepthwiseConv2dNativeBackpropInput',
  filterKernel: 'DepthwiseConv2dNativeBackpropFilter',
  rank: 2,
};

export function registerDilatedConvolutionGradients(): void {
  registerConvolutionGradient('Conv2D', conv2dGradients);
  registerConvolutionGradient('Conv3D', (...args) => convolutionGradients(CONV_3D, ...args));
  registerConvolutionGradient('DepthwiseConv2dNative', depthwiseConv2dGradients);
  registerSecondDerivative('Conv2D', CONV_2D);
  registerSecondDerivative('Conv3D', CONV_3D);
  registerSecondDerivative('DepthwiseConv2dNative', DEPTHWISE_CONV_2D);
}

/** Registers the gradient of a convolution's gradient by its input, which is the transposed convolution. */
function registerSecondDerivative(kernelName: string, convolution: Convolution): void {
  tf.registerGradient({
    kernelName: convolution.inputKernel,
    inputsToSave: ['dy', 'filter'],
    gradFunc: (ddx, [dy, filter], attrs) => {
      const { inputShape: _, ...rest } = attrs as unknown as ConvolutionAttrs;
      const forward = { ...rest, dilations: tuple(rest.dilations, convolution.rank) };
      return {
        dy: () => run(kernelName, { x: ddx as tf.Tensor, filter }, forward),
        filter: () => filterGradient(convolution, ddx as tf.Tensor, dy, filter.shape, forward),
      };
    },
  });
}

/** Computes the gradients of a convolution, each when it is asked for. */
export type ConvolutionGradients = (
  dy: tf.Tensor,
  x: tf.Tensor,
  filter: tf.Tensor,
  attrs: object,
) => { readonly x: () => tf.Tensor; readonly filter: () => tf.Tensor };

export const conv2dGradients: ConvolutionGradients = (...args) => convolutionGradients(CONV_2D, ...args);

export const depthwiseConv2dGradients: ConvolutionGradients = (...args) =>
  convolutionGradients(DEPTHWISE_CONV_2D, ...args);

function convolutionGradients(
  convolution: Convolution,
  ...[dy, x, filter, attributes]: Parameters<ConvolutionGradients>
): ReturnType<ConvolutionGradients> {
  const attrs = attributes as ConvolutionAttrs;
  return {
    x: () => inputGradient(convolution, dy, filter, x.shape, attrs),
    filter: () => filterGradient(convolution, x, dy, filter.shape, attrs),
  };
}

function registerConvolutionGradient(kernelName: string, gradients: ConvolutionGradients): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: ['x', 'filter'],
    gradFunc: (dy, [x, filter], attrs) => gradients(dy as tf.Tensor, x, filter, attrs),
  });
}

function inputGradient(
  { inputKernel: kernel, rank }: Convolution,
  dy: tf.Tensor,
  filter: tf.Tensor,
  inputShape: number[],
  attrs: ConvolutionAttrs,
): tf.Tensor {
  const dilations = tuple(attrs.dilations, rank);
  if (takesDilations(dilations)) return run(kernel, { dy, filter }, { ...attrs, dilations, inputShape });
  const dense = { ...attrs, dilations: dilations.map(() => 1), inputShape };
  return run(kernel, { dy, filter: spreadOut(filter, dilations) }, dense);
}

function filterGradient(
  { filterKernel: kernel, rank }: Convolution,
  x: tf.Tensor,
  dy: tf.Tensor,
  filterShape: number[],
  attrs: ConvolutionAttrs,
): tf.Tensor {
  const dilations = tuple(attrs.dilations, rank);
  if (takesDilations(dilations)) return run(kernel, { x, dy }, { ...attrs, dilations, filterShape });
  const wide = filterShape.map((size, i) => (i < rank ? (size - 1) * dilations[i] + 1 : size));
  const dense = { ...attrs, dilations: dilations.map(() => 1), filterShape: wide };
  const steps = filterShape.map((_, i) => dilations[i] ?? 1);
  return tf.stridedSlice(
    run(kernel, { x, dy }, dense),
    wide.map(() => 0),
    wide,
    steps,
  );
}

function takesDilations(dilations: readonly number[]): boolean {
  return tf.getBackend() === BACKEND_NAME || dilations.every((dilation) => dilation === 1);
}

/** Returns one dilation per axis; `tf.layers` passes null for none. */
function tuple(dilations: ConvolutionAttrs['dilations'], rank: number): number[] {
  if (typeof dilations === 'number') return new Array<number>(rank).fill(dilations);
  return [...(dilations ?? tuple(1, rank))];
}

/** Inserts `dilation − 1` zeros between the taps of a filter. */
function spreadOut(filter: tf.Tensor, dilations: readonly number[]): tf.Tensor {
  return dilations.reduce((spread, dilation, axis) => {
    const size = spread.shape[axis];
    const outer = tf.util.sizeFromShape(spread.shape.slice(0, axis));
    const inner = tf.util.sizeFromShape(spread.shape.slice(axis + 1));
    const rows = spread.reshape([outer, size, 1, inner]).pad([
      [0, 0],
      [0, 0],
      [0, dilation - 1],
      [0, 0],
    ]);
    const wide = (size - 1) * dilation + 1;
    const cut = rows.reshape([outer, size * dilation, inner]).slice([0, 0, 0], [outer, wide, inner]);
    return cut.reshape(spread.shape.map((dim, i) => (i === axis ? wide : dim)));
  }, filter);
}

function run(kernel: string, inputs: tf.NamedTensorMap, attrs: object): tf.Tensor {
  return tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap);
}
