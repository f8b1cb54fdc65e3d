import * as tf from '@transfusion/tfjs';
import '../index.js';
import { checkGradients, gradient, spread } from '../testing-internals/gradient-check.js';

const PADS = ['valid', 'same', [[0, 0], [1, 2], [0, 1], [0, 0]]] as const; // prettier-ignore
const pad = (of: (typeof PADS)[number]): 'same' => of as 'same';
const as4D = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;

/** The gradient of a convolution, to differentiate once more. */
const inputSlope =
  (dilation: number) =>
  (dy: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
    tf.grad((x: tf.Tensor) => tf.conv2d(as4D(x), as4D(filter), 1, 'same', 'NHWC', dilation))(
      tf.zeros([1, 4, 3, 2]),
      dy,
    );

checkGradients('dilated convolution', [
  ...PADS.flatMap((p) => [
    gradient(
      'Conv2D',
      [spread([2, 6, 5, 2]), spread([3, 2, 2, 2])],
      (x, f) =>
        tf.conv2d(as4D(x), as4D(f), 1, pad(p), 'NHWC', [2, 3], typeof p === 'object' ? 'floor' : undefined),
      { variant: String(p) },
    ),
    gradient(
      'DepthwiseConv2dNative',
      [spread([1, 6, 5, 2]), spread([3, 2, 2, 2])],
      (x, f) =>
        tf.depthwiseConv2d(
          as4D(x),
          as4D(f),
          1,
          pad(p),
          'NHWC',
          [2, 3],
          typeof p === 'object' ? 'floor' : undefined,
        ),
      { variant: String(p) },
    ),
  ]),
  gradient('Conv3D', [spread([1, 4, 3, 4, 1]), spread([2, 2, 2, 1, 2])], (x, f) =>
    tf.conv3d(x as tf.Tensor5D, f as tf.Tensor5D, 1, 'same', 'NDHWC', [2, 1, 3]),
  ),
  ...[1, 2].map((dilation) =>
    gradient('Conv2DBackpropInput', [spread([1, 4, 3, 2]), spread([2, 3, 2, 2])], inputSlope(dilation), {
      variant: `dilation ${dilation}`,
    }),
  ),
]);
