import * as tf from '@transfusion/tfjs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import '../index.js';
import { integers, tensorOf } from '../testing-internals/arbitraries.js';
import { checkKernelProperties, property } from '../testing-internals/kernel-property.js';
import { onBackend } from '../testing-internals/on-backend.js';
import type { TensorSpec } from '../testing-internals/tensor-spec.js';
import {
  each,
  padOf,
  randomAxes,
  square,
  type Pad,
  type PadKind,
  type WindowOptions,
} from '../testing-internals/windows.js';

type Pair = [number, number];
type Triple = [number, number, number];
type Format = 'NHWC' | 'NCHW';

interface Geometry {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pad: Pad;
  readonly format: Format;
}

/** Channels on both sides of the bound between the two forms of the filter gradient. */
const IN_CHANNELS = fc.constantFrom(1, 3, 65);
const OUT_CHANNELS = fc.integer({ min: 1, max: 4 });
const BATCH = fc.integer({ min: 1, max: 3 });
/** Small integers: every sum is exact in float32, in whatever order it is taken. */
const VALUES = integers(-2, 2);

function convolutions2D(
  pad: PadKind,
  options?: WindowOptions,
  format: Format = 'NHWC',
): fc.Arbitrary<[TensorSpec, TensorSpec, Geometry]> {
  return fc.tuple(randomAxes(2, options), BATCH, IN_CHANNELS, OUT_CHANNELS).chain(([random, n, c, o]) => {
    const axes = pad === 'number' ? square(random) : random;
    const [h, w] = axes.map(({ input }) => input);
    const geometry = {
      strides: each<Pair>(axes, ({ stride }) => stride),
      dilations: each<Pair>(axes, ({ dilation }) => dilation),
      // Explicit paddings are listed in the order of the axes of the format.
      pad: padOf(pad, axes),
      format,
    };
    return fc.tuple(
      tensorOf(format === 'NHWC' ? [n, h, w, c] : [n, c, h, w], 'float32', VALUES),
      tensorOf([...each(axes, ({ kernel }) => kernel), c, o], 'float32', VALUES),
      fc.constant(geometry),
    );
  });
}

function conv2d(x: tf.Tensor, filter: tf.Tensor, { strides, pad, dilations, format }: Geometry): tf.Tensor {
  return tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad, format, dilations, roundingOf(pad));
}

function depthwise(x: tf.Tensor, filter: tf.Tensor, { strides, pad, dilations }: Geometry): tf.Tensor {
  const rounding = roundingOf(pad);
  const typed = pad as Exclude<Pad, object>;
  return tf.depthwiseConv2d(
    x as tf.Tensor4D,
    filter as tf.Tensor4D,
    strides,
    typed,
    'NHWC',
    dilations,
    rounding,
  );
}

/** TensorFlow.js wants one exactly with paddings given as numbers. */
function roundingOf(pad: Pad): 'floor' | undefined {
  return typeof pad === 'string' ? undefined : 'floor';
}

/** Both gradients of half the squared result: `dy` is then the result itself. */
function gradients<G>(
  convolve: (x: tf.Tensor, filter: tf.Tensor, geometry: G) => tf.Tensor,
): (x: tf.Tensor, filter: tf.Tensor, geometry: G) => tf.Tensor[] {
  return (x, filter, geometry) =>
    tf.grads((x: tf.Tensor, filter: tf.Tensor) => tf.sum(tf.square(convolve(x, filter, geometry))))([
      x,
      filter,
    ]);
}

/** Every form of bias and activation that TensorFlow.js fuses. */
function fused(
  op: (typeof tf.fused)['conv2d'] | (typeof tf.fused)['depthwiseConv2d'],
): (x: tf.Tensor, filter: tf.Tensor, geometry: Geometry) => tf.Tensor[] {
  return (x, filter, { strides, pad, dilations, format }) => {
    const run = (activation: tf.fused.Activation, channels: number, biasShape: number[]): tf.Tensor =>
      op({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        strides,
        pad: pad as Exclude<Pad, object>,
        dataFormat: format,
        dilations,
        dimRoundingMode: roundingOf(pad),
        bias: tf.range(-1, -1 + tf.util.sizeFromShape(biasShape)).reshape(biasShape),
        activation,
        preluActivationWeights: activation === 'prelu' ? tf.range(2, 2 + channels) : undefined,
        leakyreluAlpha: 0.5,
      });
    const channels = op === tf.fused.conv2d ? filter.shape[3]! : filter.shape[2]! * filter.shape[3]!;
    return [
      ...ACTIVATIONS.map((activation) => run(activation, channels, [channels])),
      run('relu', channels, []),
    ];
  };
}

const ACTIVATIONS: readonly tf.fused.Activation[] = [
  'linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu',
]; // prettier-ignore

type Convolution3D = [TensorSpec, TensorSpec, { readonly strides: Triple; readonly pad: 'valid' | 'same' }];

function convolutions3D(pad: 'valid' | 'same'): fc.Arbitrary<Convolution3D> {
  return fc
    .tuple(randomAxes(3, { maxKernel: 3, maxStride: 2 }), fc.constantFrom(1, 2, 33), OUT_CHANNELS)
    .map(([axes, c, o]) => ({
      axes: axes.map((axis) => ({ ...axis, input: Math.min(axis.input, 5) })),
      c,
      o,
    }))
    .map(({ axes, c, o }) => ({ axes: pad === 'valid' ? square(axes) : axes, c, o }))
    .chain(({ axes, c, o }) =>
      fc.tuple(
        tensorOf([2, ...each(axes, ({ input }) => input), c], 'float32', VALUES),
        tensorOf([...each(axes, ({ kernel }) => kernel), c, o], 'float32', VALUES),
        fc.constant({ strides: each<Triple>(axes, ({ stride }) => stride), pad }),
      ),
    );
}

function conv3d(x: tf.Tensor, filter: tf.Tensor, { strides, pad }: Convolution3D[2]): tf.Tensor {
  return tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, strides, pad);
}

const KINDS: readonly PadKind[] = ['valid', 'same', 'number', 'explicit'];
const DILATED = { maxDilation: 3 };
/** With few channels, the gradient of a filter is then a product of rows and columns. */
const LARGE_MAP = { maxStride: 1, minExtra: 11 };

checkKernelProperties('convolution', [
  ...KINDS.map((pad) => property('Conv2D', convolutions2D(pad, DILATED), conv2d, { variant: pad })),
  property('Conv2D', convolutions2D('same', DILATED, 'NCHW'), conv2d, { variant: 'channels first' }),
  property('FusedConv2D', convolutions2D('same'), fused(tf.fused.conv2d)),
  property('FusedConv2D', convolutions2D('same', {}, 'NCHW'), fused(tf.fused.conv2d), {
    variant: 'channels first',
  }),
  ...KINDS.flatMap((pad) => [
    property('Conv2DBackpropFilter', convolutions2D(pad), gradients(conv2d), { variant: pad }),
    property('Conv2DBackpropInput', convolutions2D(pad, { maxStride: 1 }), gradients(conv2d), {
      variant: `${pad}, stride 1`,
    }),
  ]),
  ...KINDS.map((pad) =>
    property('Conv2DBackpropFilter', convolutions2D(pad, LARGE_MAP), gradients(conv2d), {
      variant: `${pad}, large map`,
    }),
  ),
  property('Conv2DBackpropInput', convolutions2D('same', {}, 'NCHW'), gradients(conv2d), {
    variant: 'channels first',
  }),
  property('Conv3D', convolutions3D('valid'), conv3d, { variant: 'valid' }),
  property('Conv3D', convolutions3D('same'), conv3d, { variant: 'same' }),
  property('Conv3DBackpropInputV2', convolutions3D('valid'), gradients(conv3d), { variant: 'valid' }),
  property('Conv3DBackpropFilterV2', convolutions3D('same'), gradients(conv3d), { variant: 'same' }),
  ...KINDS.map((pad) =>
    property('DepthwiseConv2dNative', convolutions2D(pad, DILATED), depthwise, { variant: pad }),
  ),
  property('FusedDepthwiseConv2D', convolutions2D('same'), fused(tf.fused.depthwiseConv2d)),
  ...KINDS.map((pad) =>
    property('DepthwiseConv2dNativeBackpropFilter', convolutions2D(pad), gradients(depthwise), {
      variant: pad,
    }),
  ),
  property(
    'DepthwiseConv2dNativeBackpropInput',
    convolutions2D('same', { maxStride: 1 }),
    gradients(depthwise),
  ),
]);

function pattern(shape: number[], period: number): tf.Tensor {
  const count = tf.util.sizeFromShape(shape);
  return tf.sub(tf.mod(tf.range(0, count), period), 2).reshape(shape);
}

// Windows are read of many channels, rows and columns of few.
it.each([
  [65, 48],
  [64, 96],
])(
  'the filter gradient of a batch too large for one part is the sum over its images: %i channels',
  (channels, side) => {
    const gradient = (x: tf.Tensor, dy: tf.Tensor): tf.Tensor =>
      tf.grad((filter: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'))(
        tf.zeros([3, 3, channels, 2]),
        dy,
      );
    onBackend('onnxruntime', () =>
      tf.tidy(() => {
        const [x, dy] = [pattern([7, side, side, channels], 5), pattern([7, side, side, 2], 3)];
        const images = tf.split(x, 7).map((image, i) => gradient(image, tf.split(dy, 7)[i]));
        expect(gradient(x, dy).dataSync()).toEqual(tf.addN(images).dataSync());
      }),
    );
  },
);

it('the gradient of a dilated filter is that of a larger one, at its taps', () => {
  const gradient = (kernel: [number, number], dilations: [number, number]): tf.Tensor => {
    const x = pattern([2, 20, 17, 3], 5) as tf.Tensor4D;
    const convolve = (filter: tf.Tensor): tf.Tensor =>
      tf.conv2d(x, filter as tf.Tensor4D, 1, 'same', 'NHWC', dilations);
    return tf.grad(convolve)(tf.zeros([...kernel, 3, 2]), pattern([2, 20, 17, 2], 3));
  };
  onBackend('onnxruntime', () =>
    tf.tidy(() => {
      const all = gradient([5, 7], [1, 1]);
      const expected = tf.stridedSlice(all, [0, 0, 0, 0], [5, 7, 3, 2], [2, 3, 1, 1]);
      expect(gradient([3, 3], [2, 3]).dataSync()).toEqual(expected.dataSync());
    }),
  );
});
