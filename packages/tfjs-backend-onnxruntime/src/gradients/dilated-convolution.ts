/**
 * Gradients of convolutions with dilation, which TensorFlow.js 4.22 refuses. This package's kernels
 * support dilation; for other backends zeros are inserted into the filter instead.
 */
import * as tf from '@tensorflow/tfjs';
import { BACKEND_NAME } from '../backend/backend.js';

interface ConvolutionAttrs {
  readonly dilations?: number | readonly number[];
  readonly [name: string]: unknown;
}

export function registerDilatedConvolutionGradients(): void {
  convolutionGradient('Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter', 2);
  convolutionGradient('Conv3D', 'Conv3DBackpropInputV2', 'Conv3DBackpropFilterV2', 3);
  convolutionGradient(
    'DepthwiseConv2dNative',
    'DepthwiseConv2dNativeBackpropInput',
    'DepthwiseConv2dNativeBackpropFilter',
    2,
  );
  // The second derivative; the gradient above passes dilations to this kernel.
  tf.registerGradient({
    kernelName: 'Conv2DBackpropInput',
    inputsToSave: ['dy', 'filter'],
    gradFunc: (ddx, [dy, filter], attrs) => {
      const { inputShape: _, ...convolution } = attrs as unknown as ConvolutionAttrs;
      const forward = { ...convolution, dilations: tuple(convolution.dilations, 2) };
      return {
        dy: () => run('Conv2D', { x: ddx as tf.Tensor, filter }, forward),
        filter: () => filterGradient('Conv2DBackpropFilter', ddx as tf.Tensor, dy, filter.shape, forward, 2),
      };
    },
  });
}

function convolutionGradient(kernel: string, inputKernel: string, filterKernel: string, rank: 2 | 3): void {
  tf.registerGradient({
    kernelName: kernel,
    inputsToSave: ['x', 'filter'],
    gradFunc: (gradient, [x, filter], attributes) => {
      const dy = gradient as tf.Tensor;
      const attrs = attributes as unknown as ConvolutionAttrs;
      return {
        x: () => inputGradient(inputKernel, dy, filter, x.shape, attrs, rank),
        filter: () => filterGradient(filterKernel, x, dy, filter.shape, attrs, rank),
      };
    },
  });
}

function inputGradient(
  kernel: string,
  dy: tf.Tensor,
  filter: tf.Tensor,
  inputShape: number[],
  attrs: ConvolutionAttrs,
  rank: number,
): tf.Tensor {
  const dilations = tuple(attrs.dilations, rank);
  if (takesDilations(dilations)) return run(kernel, { dy, filter }, { ...attrs, dilations, inputShape });
  const dense = { ...attrs, dilations: dilations.map(() => 1), inputShape };
  return run(kernel, { dy, filter: spreadOut(filter, dilations) }, dense);
}

function filterGradient(
  kernel: string,
  x: tf.Tensor,
  dy: tf.Tensor,
  filterShape: number[],
  attrs: ConvolutionAttrs,
  rank: number,
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

function tuple(dilations: number | readonly number[] | undefined, rank: number): number[] {
  if (typeof dilations === 'object') return [...dilations];
  return new Array<number>(rank).fill(dilations ?? 1);
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
