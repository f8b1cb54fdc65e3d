import * as tf from '@transfusion/tfjs';
import '../index.js';
import { checkGradients, gradient, spread, type GradientCase } from '../testing-internals/gradient-check.js';
import type { TensorSpec } from '../testing-internals/tensor-spec.js';

/** Stride, dilation and padding of a window over an image. */
interface Window {
  readonly size: readonly [number, number];
  readonly stride: number;
  readonly pad: 'same' | 'valid' | number;
}

const WINDOWS: readonly Window[] = [
  { size: [2, 3], stride: 1, pad: 'valid' },
  { size: [2, 3], stride: 1, pad: 'same' },
  { size: [2, 3], stride: 2, pad: 'same' },
  { size: [2, 3], stride: 2, pad: 'valid' },
  // With numeric paddings TensorFlow.js considers only the height of the window.
  { size: [2, 2], stride: 1, pad: 1 },
];

/** The gradients of an op of an image and a filter. */
function filtered(
  kernel: string,
  channels: readonly [number, number],
  op: (x: tf.Tensor4D, filter: tf.Tensor4D, window: Window) => tf.Tensor,
  image: TensorSpec = IMAGE,
): GradientCase[] {
  return WINDOWS.map((window) =>
    gradient(
      kernel,
      [image, spread([...window.size, ...channels])],
      (x, filter) => op(x as tf.Tensor4D, filter as tf.Tensor4D, window),
      { variant: `stride ${window.stride}, pad ${window.pad}` },
    ),
  );
}

/** The gradient of an op of an image alone. */
function pooled(kernel: string, op: (x: tf.Tensor4D, window: Window) => tf.Tensor): GradientCase[] {
  return WINDOWS.map((window) =>
    gradient(kernel, [IMAGE], (x) => op(x as tf.Tensor4D, window), {
      variant: `stride ${window.stride}, pad ${window.pad}`,
      cpu: poolingOnCpu(kernel, window.pad),
    }),
  );
}

function pooled3d(kernel: string, op: typeof tf.avgPool3d<tf.Tensor5D>): GradientCase[] {
  return (['valid', 'same'] as const).map((pad) =>
    gradient(kernel, [VOLUME], (x) => op(x as tf.Tensor5D, 2, pad === 'same' ? 2 : 1, pad), {
      variant: pad,
      cpu: poolingOnCpu(kernel, pad),
    }),
  );
}

/** The cpu backend divides by the whole window even where padding was left out of the average. */
function poolingOnCpu(kernel: string, pad: Window['pad']): GradientCase['cpu'] {
  return kernel.startsWith('Avg') && pad !== 'valid' ? 'lacks' : 'same';
}

/** Upscaling and downscaling, with each alignment of the pixels. */
function resized(kernel: string, op: typeof tf.image.resizeBilinear<tf.Tensor4D>): GradientCase[] {
  // The cpu backend confuses width and height in one gradient, and ignores half-pixel centers.
  const cpu = kernel === 'ResizeBilinear' ? 'lacks' : 'same';
  const sizes: [number, number][] = [[5, 7], [2, 3]]; // prettier-ignore
  return sizes.flatMap((size) => [
    gradient(kernel, [SMALL_IMAGE], (x) => op(x as tf.Tensor4D, size), { variant: `to ${size}`, cpu }),
    gradient(kernel, [SMALL_IMAGE], (x) => op(x as tf.Tensor4D, size, true), {
      variant: `to ${size}, aligned corners`,
      cpu,
    }),
    gradient(kernel, [SMALL_IMAGE], (x) => op(x as tf.Tensor4D, size, false, true), {
      variant: `to ${size}, half-pixel centers`,
      cpu: 'lacks',
    }),
  ]);
}

const IMAGE = spread([1, 4, 5, 2]);
const SMALL_IMAGE = spread([1, 3, 4, 2]);
const VOLUME = spread([1, 3, 4, 3, 1]);

checkGradients('image', [
  ...filtered('Conv2D', [2, 2], (x, filter, { stride, pad }) => tf.conv2d(x, filter, stride, pad)),
  gradient(
    'Conv2D',
    [spread([1, 2, 4, 5]), spread([2, 3, 2, 2])],
    (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 'same', 'NCHW'),
    { variant: 'channels first' },
  ),
  ...(['elu', 'sigmoid'] as const).flatMap((activation) => [
    gradient(
      'FusedConv2D',
      [SMALL_IMAGE, spread([2, 2, 2, 2], [-0.5, 0.6]), spread([2])],
      (x, filter, bias) =>
        tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: 1,
          pad: 'same',
          bias,
          activation,
        }),
      { variant: activation },
    ),
    gradient(
      'FusedDepthwiseConv2D',
      [SMALL_IMAGE, spread([2, 2, 2, 1], [-0.5, 0.6]), spread([2])],
      (x, filter, bias) =>
        tf.fused.depthwiseConv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: 1,
          pad: 'same',
          bias,
          activation,
        }),
      { variant: activation },
    ),
  ]),
  ...filtered(
    'Conv2DBackpropInput',
    [1, 2],
    (dy, filter, { size, stride, pad }) => {
      const side = (window: number): number =>
        pad === 'same' ? 3 * stride : 2 * stride + window - (pad === 'valid' ? 0 : 2 * pad);
      return tf.conv2dTranspose(dy, filter, [1, side(size[0]), side(size[1]), 1], stride, pad);
    },
    spread([1, 3, 3, 2]),
  ),
  ...filtered('DepthwiseConv2dNative', [2, 2], (x, filter, { stride, pad }) =>
    tf.depthwiseConv2d(x, filter, stride, pad),
  ),
  ...(['same', 'valid'] as const).map((pad) =>
    gradient(
      'Conv3D',
      [VOLUME, spread([2, 2, 2, 1, 2])],
      (x, filter) => tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, pad === 'same' ? 2 : 1, pad),
      { variant: pad },
    ),
  ),
  ...pooled('AvgPool', (x, { size, stride, pad }) => tf.avgPool(x, [...size], stride, pad)),
  ...pooled('MaxPool', (x, { size, stride, pad }) => tf.maxPool(x, [...size], stride, pad)),
  ...pooled3d('AvgPool3D', tf.avgPool3d),
  ...pooled3d('MaxPool3D', tf.maxPool3d),
  gradient('Dilation2D', [IMAGE, spread([2, 2, 2], [-0.3, 0.4])], (x, filter) =>
    tf.dilation2d(x as tf.Tensor4D, filter as tf.Tensor3D, 1, 'same'),
  ),
  gradient(
    'FusedBatchNorm',
    [
      SMALL_IMAGE,
      spread([2], [-1, 1.2]),
      spread([2], [0.6, 1.9]),
      spread([2], [-2, 1]),
      spread([2], [0.5, 3]),
    ],
    (x, ...statistics) =>
      tf.batchNorm(x, ...(statistics as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D])),
  ),
  gradient('LRN', [spread([1, 2, 2, 5])], (x) =>
    tf.localResponseNormalization(x as tf.Tensor4D, 1, 1, 0.5, 0.75),
  ),
  ...resized('ResizeBilinear', tf.image.resizeBilinear),
  ...resized('ResizeNearestNeighbor', tf.image.resizeNearestNeighbor),
]);
