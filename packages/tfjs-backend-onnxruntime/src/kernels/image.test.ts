import * as tf from '@transfusion/tfjs';
import fc from 'fast-check';
import '../index.js';
import { integers, numbers, tensorOf } from '../testing-internals/arbitraries.js';
import { checkKernelProperties, property } from '../testing-internals/kernel-property.js';
import type { TensorSpec } from '../testing-internals/tensor-spec.js';

type Size = [number, number];

function images(dtype: 'float32' | 'int32' = 'float32', channels = 3): fc.Arbitrary<TensorSpec> {
  const size = fc.integer({ min: 1, max: 7 });
  return fc
    .tuple(fc.integer({ min: 1, max: 2 }), size, size, fc.integer({ min: 1, max: channels }))
    .chain((shape) => tensorOf(shape, dtype, integers(0, 255)));
}

const SIZE: fc.Arbitrary<Size> = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));
const SAMPLING = fc.constantFrom([false, false] as const, [true, false] as const, [false, true] as const);
const RESIZES = fc.tuple(images(), SIZE, SAMPLING);

type Resize = (x: tf.Tensor, size: Size, sampling: readonly [boolean, boolean]) => tf.Tensor;

const bilinear: Resize = (x, size, [align, half]) =>
  tf.image.resizeBilinear(x as tf.Tensor4D, size, align, half);
const nearest: Resize = (x, size, [align, half]) =>
  tf.image.resizeNearestNeighbor(x as tf.Tensor4D, size, align, half);

function gradient(resize: Resize): Resize {
  return (x, ...rest) => tf.grad((x: tf.Tensor) => tf.sum(tf.square(resize(x, ...rest))))(x);
}

/**
 * The same from what each pixel contributes to the resized image. The cpu backend's gradients
 * exchange height and width (bilinear), mix the images of a batch (nearest), never return (nearest,
 * aligned corners, one pixel high) and overlook half-pixel centers.
 */
function gradientByPixels(resize: Resize): Resize {
  return (x, size, sampling) => {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const pixels = height * width;
    const responses = resize(tf.eye(pixels).reshape([pixels, height, width, 1]), size, sampling);
    const dy = tf.mul(resize(x, size, sampling), 2).reshape([batch, -1, channels]);
    return tf.matMul(responses.reshape([1, pixels, -1]).tile([batch, 1, 1]), dy).reshape(x.shape);
  };
}

const boxes = fc
  .integer({ min: 1, max: 3 })
  .chain((count) =>
    fc.tuple(
      tensorOf([count, 4], 'float32', numbers(-1, 2)),
      tensorOf([count], 'int32', fc.integer({ min: 0, max: 1 })),
    ),
  );

const crops = fc
  .tuple(images(), boxes, SIZE, fc.constantFrom('bilinear' as const, 'nearest' as const))
  .map(([image, [box, index], size, method]) => {
    return [
      image,
      box,
      { ...index, values: index.values.map((at) => at % image.shape[0]) },
      size,
      method,
    ] as const;
  });

const rotations = fc.tuple(
  images('float32', 4),
  numbers(-4, 4),
  fc.constantFrom<number | [number, number, number]>(0, 7, [1, 2, 3]),
  fc.constantFrom<number | [number, number]>(0.5, [0.25, 0.7]),
);

/** One image: the cpu backend leaves the others of a batch out. */
const projections = fc.tuple(
  images().map((image) => {
    const shape = [1, ...image.shape.slice(1)];
    return { ...image, shape, values: image.values.slice(0, tf.util.sizeFromShape(shape)) };
  }),
  tensorOf([1, 8], 'float32', numbers(-1, 1)),
  fc.constantFrom('nearest' as const, 'bilinear' as const),
  fc.constantFrom('constant' as const, 'reflect' as const, 'wrap' as const, 'nearest' as const),
  SIZE,
);

checkKernelProperties('image', [
  property('ResizeBilinear', RESIZES, bilinear),
  property('ResizeBilinear', fc.tuple(images('int32'), SIZE, SAMPLING), bilinear, { variant: 'int32' }),
  property('ResizeNearestNeighbor', RESIZES, nearest),
  property('ResizeNearestNeighbor', fc.tuple(images('int32'), SIZE, SAMPLING), nearest, { variant: 'int32' }),
  property('ResizeBilinearGrad', RESIZES, gradient(bilinear), {
    reference: gradientByPixels(bilinear),
  }),
  property('ResizeNearestNeighborGrad', RESIZES, gradient(nearest), {
    reference: gradientByPixels(nearest),
  }),
  property('FlipLeftRight', fc.tuple(images()), (x) => tf.image.flipLeftRight(x as tf.Tensor4D)),
  property('CropAndResize', crops, (image, box, index, size, method) =>
    tf.image.cropAndResize(image as tf.Tensor4D, box as tf.Tensor2D, index as tf.Tensor1D, size, method, 5),
  ),
  property('RotateWithOffset', rotations, (image, radians, fill, center) =>
    tf.image.rotateWithOffset(image as tf.Tensor4D, radians, fill, center),
  ),
  property('Transform', projections, (image, transforms, interpolation, fillMode, size) =>
    tf.image.transform(image as tf.Tensor4D, transforms as tf.Tensor2D, interpolation, fillMode, 3, size),
  ),
]);
