/** Convolutions, pools and images with impossible or extreme geometries. */
import * as tf from '@transfusion/tfjs';
import { attempt, mistake, type Attempt } from './attempt.js';

const ones =
  (...shapes: number[][]): (() => tf.Tensor[]) =>
  () =>
    shapes.map((shape) => tf.ones(shape));
const as4d = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;
const as5d = (x: tf.Tensor): tf.Tensor5D => x as tf.Tensor5D;

const IMAGE = [1, 4, 4, 2];

export const WINDOWS: readonly Attempt[] = [
  mistake(
    'conv2d: channels differ',
    ones(IMAGE, [2, 2, 3, 1]),
    (x, f) => tf.conv2d(as4d(x), as4d(f), 1, 'same'),
    'conv2d',
    '2',
    '3',
  ),
  mistake(
    'conv2d: rank of the filter',
    ones(IMAGE, [2, 2, 2]),
    (x, f) => tf.conv2d(as4d(x), as4d(f), 1, 'same'),
    'conv2d',
    'rank',
  ),
  mistake(
    'conv2d: strides and dilations',
    ones(IMAGE, [2, 2, 2, 1]),
    (x, f) => tf.conv2d(as4d(x), as4d(f), 2, 'same', 'NHWC', 2),
    'conv2d',
  ),
  mistake('conv2d: stride 0', ones(IMAGE, [2, 2, 2, 1]), (x, f) => tf.conv2d(as4d(x), as4d(f), 0, 'same')),
  mistake('conv2d: dilation 0', ones(IMAGE, [2, 2, 2, 1]), (x, f) =>
    tf.conv2d(as4d(x), as4d(f), 1, 'same', 'NHWC', 0),
  ),
  mistake(
    'conv2d: window larger than the image',
    ones(IMAGE, [6, 6, 2, 1]),
    (x, f) => tf.conv2d(as4d(x), as4d(f), 1, 'valid'),
    'Conv2D',
  ),
  attempt('conv2d: window one larger than the image', ones(IMAGE, [5, 4, 2, 1]), (x, f) =>
    tf.conv2d(as4d(x), as4d(f), 1, 'valid'),
  ),
  attempt('conv2d: an empty window', ones(IMAGE, [0, 2, 2, 1]), (x, f) =>
    tf.conv2d(as4d(x), as4d(f), 1, 'same'),
  ),
  attempt('conv2d: no channels in', ones([1, 4, 4, 0], [2, 2, 0, 3]), (x, f) =>
    tf.conv2d(as4d(x), as4d(f), 1, 'same'),
  ),
  attempt('conv2d: no channels out', ones(IMAGE, [2, 2, 2, 0]), (x, f) =>
    tf.conv2d(as4d(x), as4d(f), 1, 'same'),
  ),
  attempt('conv2d: no images', ones([0, 4, 4, 2], [2, 2, 2, 1]), (x, f) =>
    tf.conv2d(as4d(x), as4d(f), 1, 'same'),
  ),
  attempt('conv2d: images without rows', ones([1, 0, 4, 2], [2, 2, 2, 1]), (x, f) =>
    tf.conv2d(as4d(x), as4d(f), 1, 'same'),
  ),
  attempt('conv2d: padding beyond the window', ones(IMAGE, [2, 2, 2, 1]), (x, f) =>
    tf.conv2d(as4d(x), as4d(f), 1, 5),
  ),
  attempt('conv2d: stride beyond the image', ones(IMAGE, [2, 2, 2, 1]), (x, f) =>
    tf.conv2d(as4d(x), as4d(f), 9, 'same'),
  ),
  mistake('conv2d: fractional sizes without rounding', ones(IMAGE, [2, 2, 2, 1]), (x, f) =>
    tf.conv2d(as4d(x), as4d(f), 1, 0.5),
  ),
  mistake('fused conv2d: bias does not fit', ones(IMAGE, [2, 2, 2, 3], [2]), (x, f, bias) =>
    tf.fused.conv2d({ x: as4d(x), filter: as4d(f), strides: 1, pad: 'same', bias }),
  ),
  mistake(
    'depthwiseConv2d: channels differ',
    ones(IMAGE, [2, 2, 3, 1]),
    (x, f) => tf.depthwiseConv2d(as4d(x), as4d(f), 1, 'same'),
    'depthwiseConv2d',
  ),
  attempt(
    'conv2dTranspose: impossible size',
    ones([1, 2, 2, 1], [2, 2, 1, 1]),
    (x, f) => tf.conv2dTranspose(as4d(x), as4d(f), [1, 9, 9, 1], 2, 'same'),
    { expected: 'throws', messageParts: ['Conv2DBackpropInput'] },
  ),
  mistake('conv2dTranspose: channels differ', ones([1, 2, 2, 3], [2, 2, 1, 1]), (x, f) =>
    tf.conv2dTranspose(as4d(x), as4d(f), [1, 4, 4, 1], 2, 'same'),
  ),
  mistake(
    'conv3d: channels differ',
    ones([1, 3, 3, 3, 2], [2, 2, 2, 3, 1]),
    (x, f) => tf.conv3d(as5d(x), as5d(f), 1, 'same'),
    'conv3d',
  ),
  attempt('conv3d: window larger than the volume', ones([1, 2, 2, 2, 1], [3, 3, 3, 1, 1]), (x, f) =>
    tf.conv3d(as5d(x), as5d(f), 1, 'valid'),
  ),
  attempt('maxPool: window larger than the image', ones(IMAGE), (x) => tf.maxPool(as4d(x), 6, 1, 'valid')),
  attempt('maxPool: window one larger than the image', ones(IMAGE), (x) =>
    tf.maxPool(as4d(x), [5, 4], 1, 'valid'),
  ),
  attempt('avgPool: window larger than the image, same', ones(IMAGE), (x) =>
    tf.avgPool(as4d(x), 9, 1, 'same'),
  ),
  attempt('maxPool: padding beyond the window', ones(IMAGE), (x) => tf.maxPool(as4d(x), 2, 1, 5)),
  attempt('avgPool: padding beyond the window', ones(IMAGE), (x) => tf.avgPool(as4d(x), 2, 1, 5), {
    expected: 'value',
  }),
  mistake('maxPool: stride 0', ones(IMAGE), (x) => tf.maxPool(as4d(x), 2, 0, 'same')),
  attempt('maxPool: an empty window', ones(IMAGE), (x) => tf.maxPool(as4d(x), 0, 1, 'same'), {
    expected: 'throws',
    messageParts: ['MaxPool'],
  }),
  attempt('maxPool: no images', ones([0, 4, 4, 2]), (x) => tf.maxPool(as4d(x), 2, 1, 'same')),
  attempt('avgPool: no channels', ones([1, 4, 4, 0]), (x) => tf.avgPool(as4d(x), 2, 1, 'same')),
  attempt(
    'maxPool of NaN',
    () => [tf.tensor4d([1, NaN, -Infinity, 2], [1, 2, 2, 1])],
    (x) => tf.maxPool(as4d(x), 2, 1, 'valid'),
  ),
  attempt(
    'maxPool of only -Infinity',
    () => [tf.fill([1, 2, 2, 1], -Infinity)],
    (x) => tf.maxPool(as4d(x), 2, 1, 'valid'),
    { expected: 'value' },
  ),
  attempt(
    'avgPool of Infinity',
    () => [tf.tensor4d([1, Infinity, 3, 2], [1, 2, 2, 1])],
    (x) => tf.avgPool(as4d(x), 2, 1, 'same'),
  ),
  attempt('maxPool3d: window larger than the volume', ones([1, 2, 2, 2, 1]), (x) =>
    tf.maxPool3d(as5d(x), 4, 1, 'valid'),
  ),
  attempt('resizeBilinear to nothing', ones(IMAGE), (x) => tf.image.resizeBilinear(as4d(x), [0, 3])),
  attempt('resizeBilinear of one pixel', ones([1, 1, 1, 1]), (x) =>
    tf.image.resizeBilinear(as4d(x), [3, 3], true),
  ),
  attempt('resizeBilinear to one pixel', ones(IMAGE), (x) => tf.image.resizeBilinear(as4d(x), [1, 1], true)),
  attempt('resizeNearestNeighbor of no images', ones([0, 2, 2, 1]), (x) =>
    tf.image.resizeNearestNeighbor(as4d(x), [3, 3]),
  ),
  mistake(
    'resizeBilinear of rank 2',
    ones([4, 4]),
    (x) => tf.image.resizeBilinear(as4d(x), [2, 2]),
    'resizeBilinear',
    'rank',
  ),
  mistake(
    'cropAndResize: boxes do not fit',
    () => [tf.ones(IMAGE), tf.ones([2, 4]), tf.zeros([3], 'int32')],
    (x, boxes, ids) => tf.image.cropAndResize(as4d(x), boxes as tf.Tensor2D, ids as tf.Tensor1D, [2, 2]),
    'cropAndResize',
  ),
  attempt(
    'cropAndResize: a box of an image that is not there',
    () => [tf.ones(IMAGE), tf.tensor2d([0, 0, 1, 1], [1, 4]), tf.tensor1d([7], 'int32')],
    (x, boxes, ids) => tf.image.cropAndResize(as4d(x), boxes as tf.Tensor2D, ids as tf.Tensor1D, [2, 2]),
  ),
  attempt(
    'cropAndResize: a box outside the image',
    () => [tf.ones(IMAGE), tf.tensor2d([-2, 3, NaN, 9], [1, 4]), tf.tensor1d([0], 'int32')],
    (x, boxes, ids) => tf.image.cropAndResize(as4d(x), boxes as tf.Tensor2D, ids as tf.Tensor1D, [2, 2]),
  ),
  mistake('batchNorm: statistics do not fit', ones([2, 3], [2], [2]), (x, mean, variance) =>
    tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D),
  ),
  attempt(
    'batchNorm: a negative variance',
    () => [tf.ones([2, 2]), tf.zeros([2]), tf.tensor1d([-1, 0])],
    (x, mean, variance) => tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D),
  ),
  attempt(
    'batchNorm of nothing',
    () => [tf.ones([0, 2]), tf.zeros([2]), tf.ones([2])],
    (x, mean, variance) => tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D),
  ),
  attempt('localResponseNormalization: a radius beyond the channels', ones(IMAGE), (x) =>
    tf.localResponseNormalization(as4d(x), 9),
  ),
  mistake('dilation2d: channels differ', ones(IMAGE, [2, 2, 3]), (x, f) =>
    tf.dilation2d(as4d(x), f as tf.Tensor3D, 1, 'same'),
  ),
  mistake(
    'dilation2d: window larger than the image',
    ones(IMAGE, [6, 6, 2]),
    (x, f) => tf.dilation2d(as4d(x), f as tf.Tensor3D, 1, 'valid'),
    'Dilation2D',
  ),
  attempt('flipLeftRight of no images', ones([0, 2, 2, 1]), (x) => tf.image.flipLeftRight(as4d(x))),
];
