/** Kernels that sample images [N, h, w, C] at computed coordinates: flips, crops, rotations, projections. */
import * as tf from '@transfusion/tfjs';
import { cast, map, reshape, slice, where, zip } from '../graph/build.js';
import { emit, scalar } from '../graph/emit.js';
import { constant, type Value } from '../graph/value.js';
import { graphKernel } from './kernel.js';
import { reverse } from './layout.js';

interface CropAttrs {
  readonly cropSize: [number, number];
  readonly method: 'bilinear' | 'nearest';
  readonly extrapolationValue: number;
}

interface RotateAttrs {
  readonly radians: number;
  readonly fillValue: number | readonly number[];
  readonly center: number | [number, number];
}

interface TransformAttrs {
  readonly interpolation: 'nearest' | 'bilinear';
  readonly fillMode: 'constant' | 'reflect' | 'wrap' | 'nearest';
  readonly fillValue: number;
  readonly outputShape?: [number, number];
}

export function registerImageKernels(): void {
  graphKernel('FlipLeftRight', ({ image }) => reverse(image, [2]));
  graphKernel<CropAttrs>('CropAndResize', ({ image, boxes, boxInd }, attrs) =>
    cropAndResize(cast(image, 'float32'), boxes, boxInd, attrs),
  );
  graphKernel<RotateAttrs>('RotateWithOffset', ({ image }, attrs) => rotate(image, attrs));
  graphKernel<TransformAttrs>('Transform', ({ image, transforms }, attrs) =>
    project(image, transforms, attrs),
  );
}

// Coordinates are float64, as in the cpu backend: a rounding difference would select another pixel.
// They have the axes [image, row, column] and broadcast.
const number = (value: number): Value => scalar(value, 'float64');
const add = (a: Value, b: Value): Value => zip('Add', a, b);
const sub = (a: Value, b: Value): Value => zip('Sub', a, b);
const mul = (a: Value, b: Value): Value => zip('Mul', a, b);
const both = (a: Value, b: Value): Value => zip('And', a, b);

function rowsOf(count: number): Value {
  return constant(
    Array.from({ length: count }, (_, i) => i),
    [1, count, 1],
    'float64',
  );
}

function columnsOf(count: number): Value {
  return constant(
    Array.from({ length: count }, (_, i) => i),
    [1, 1, count],
    'float64',
  );
}

/** Rounds halves up, as in JavaScript; ONNX's Round rounds them to even. */
function round(x: Value): Value {
  return map('Floor', add(x, number(0.5)));
}

/** True where 0 ≤ x ≤ size − 1. */
function within(x: Value, size: number): Value {
  return both(zip('GreaterOrEqual', x, number(0), 'bool'), zip('LessOrEqual', x, number(size - 1), 'bool'));
}

/** Reads the pixels [image, row, column, C] at integer coordinates; `fill` (a number, or [C]) outside. */
function read(images: Value, image: Value, y: Value, x: Value, fill: Value): Value {
  const [count, height, width, channels] = images.shape;
  const inside = both(both(within(y, height), within(x, width)), within(image, count));
  const pixel = add(mul(add(mul(image, number(height)), y), number(width)), x);
  const safe = cast(where(inside, pixel, number(0)), 'int64');
  const pixels = reshape(images, [count * height * width, channels]);
  const found = emit('Gather', [pixels, safe], [...safe.shape, channels], images.dtype, { axis: 0 });
  return where(reshape(inside, [...inside.shape, 1]), found, fill);
}

/** Like {@link read} between pixels, with bilinear interpolation. */
function readBetween(images: Value, image: Value, y: Value, x: Value, fill: Value): Value {
  const [top, left] = [map('Floor', y), map('Floor', x)];
  const weight = (distance: Value): Value => cast(reshape(distance, [...distance.shape, 1]), 'float32');
  const [down, right] = [sub(y, top), sub(x, left)];
  const row = (at: Value): Value => {
    const near = mul(read(images, image, at, left, fill), weight(sub(number(1), right)));
    return add(near, mul(read(images, image, at, add(left, number(1)), fill), weight(right)));
  };
  const upper = mul(row(top), weight(sub(number(1), down)));
  return add(upper, mul(row(add(top, number(1))), weight(down)));
}

/** Batch indices of `count` images, as [count, 1, 1]. */
function imagesOf(count: number): Value {
  return constant(
    Array.from({ length: count }, (_, i) => i),
    [count, 1, 1],
    'float64',
  );
}

/** Returns column `at` of a matrix of parameters [n, k], as [n, 1, 1]. */
function parameter(matrix: Value, at: number): Value {
  const [count] = matrix.shape;
  return cast(reshape(slice(matrix, [at], [at + 1], [count, 1], [1]), [count, 1, 1]), 'float64');
}

/** Boxes are [y₁, x₁, y₂, x₂] as fractions of the image; corners lie on pixel centers. */
function cropAndResize(images: Value, boxes: Value, boxInd: Value, attrs: CropAttrs): Value {
  const [, height, width] = images.shape;
  const [y1, x1, y2, x2] = [0, 1, 2, 3].map((at) => parameter(boxes, at));
  const along = (from: Value, to: Value, size: number, steps: Value, count: number): Value => {
    if (count === 1) return mul(mul(number(0.5), add(from, to)), number(size - 1));
    const scale = zip('Div', mul(sub(to, from), number(size - 1)), number(count - 1));
    return add(mul(from, number(size - 1)), mul(steps, scale));
  };
  const [cropHeight, cropWidth] = attrs.cropSize;
  const y = along(y1, y2, height, rowsOf(cropHeight), cropHeight);
  const x = along(x1, x2, width, columnsOf(cropWidth), cropWidth);
  const image = cast(reshape(boxInd, [boxInd.size, 1, 1]), 'float64');
  const zero = scalar(0, 'float32');
  const crops =
    attrs.method === 'bilinear'
      ? readBetween(images, image, y, x, zero)
      : read(images, image, round(y), round(x), zero);
  const inside = both(within(y, height), within(x, width));
  const known = zip('Less', image, number(images.shape[0]), 'bool');
  // As in the cpu backend, a crop of an image that does not exist is zero.
  const outside = where(known, scalar(attrs.extrapolationValue, 'float32'), zero);
  return where(reshape(inside, [...inside.shape, 1]), crops, reshape(outside, [...outside.shape, 1]));
}

function rotate(images: Value, { radians, fillValue, center }: RotateAttrs): Value {
  const [count, height, width, channels] = images.shape;
  const [centerX, centerY] = tf.backend_util.getImageCenter(center, height, width);
  const [sin, cos] = [number(Math.sin(radians)), number(Math.cos(radians))];
  const x = sub(columnsOf(width), number(centerX));
  const y = sub(rowsOf(height), number(centerY));
  const sourceX = add(sub(mul(x, cos), mul(y, sin)), number(centerX));
  const sourceY = add(add(mul(x, sin), mul(y, cos)), number(centerY));
  const opaque = 255;
  const fills = Array.from({ length: channels }, (_, i) => {
    if (typeof fillValue === 'number') return fillValue;
    return i === 3 ? opaque : fillValue[i];
  });
  return read(
    images,
    imagesOf(count),
    round(sourceY),
    round(sourceX),
    constant(fills, [channels], images.dtype),
  );
}

/** Applies a projective transform, eight parameters per image. */
function project(images: Value, transforms: Value, attrs: TransformAttrs): Value {
  const [count, height, width] = images.shape;
  const [outHeight, outWidth] = attrs.outputShape ?? [height, width];
  const [a0, a1, a2, b0, b1, b2, c0, c1] = Array.from({ length: 8 }, (_, at) => parameter(transforms, at));
  const [x, y] = [columnsOf(outWidth), rowsOf(outHeight)];
  const plane = (u: Value, v: Value, w: Value): Value => add(add(mul(u, x), mul(v, y)), w);
  const projection = plane(c0, c1, number(1));
  const finite = map('Not', zip('Equal', projection, number(0), 'bool'));
  const divisor = where(finite, projection, number(1));
  const sourceX = intoImage(zip('Div', plane(a0, a1, a2), divisor), width, attrs.fillMode);
  const sourceY = intoImage(zip('Div', plane(b0, b1, b2), divisor), height, attrs.fillMode);
  const float = cast(images, 'float32');
  const fill = scalar(attrs.fillValue, 'float32');
  const pixels =
    attrs.interpolation === 'bilinear'
      ? readBetween(float, imagesOf(count), sourceY, sourceX, fill)
      : read(float, imagesOf(count), round(sourceY), round(sourceX), fill);
  return cast(where(reshape(finite, [...finite.shape, 1]), pixels, fill), images.dtype);
}

/** Maps coordinates outside of the image into it, by the formulas of TensorFlow's image operations. */
function intoImage(x: Value, size: number, mode: TransformAttrs['fillMode']): Value {
  if (mode === 'constant') return x;
  const clamped = (value: Value): Value =>
    emit('Clip', [value, number(0), number(size - 1)], value.shape, 'float64');
  if (mode === 'nearest' || size <= 1) return clamped(x);
  const below = zip('Less', x, number(0), 'bool');
  const above = zip('Greater', x, number(size - 1), 'bool');
  // The operands that matter are positive, so that Floor equals the truncation of the reference.
  const whole = (value: Value, divisor: number): Value => map('Floor', zip('Div', value, number(divisor)));
  if (mode === 'wrap') {
    const up = add(x, mul(number(size), add(whole(map('Neg', x), size - 1), number(1))));
    const down = sub(x, mul(number(size), whole(x, size - 1)));
    return clamped(where(below, up, where(above, down, x)));
  }
  const period = 2 * size;
  const lifted = add(mul(number(period), whole(map('Neg', x), period)), x);
  const farBelow = zip('Less', lifted, number(-size), 'bool');
  const up = where(farBelow, add(lifted, number(period)), sub(map('Neg', lifted), number(1)));
  const lowered = sub(x, mul(number(period), whole(x, period)));
  const pastEnd = zip('GreaterOrEqual', lowered, number(size), 'bool');
  const down = where(pastEnd, sub(sub(number(period), lowered), number(1)), lowered);
  return clamped(where(below, up, where(above, down, x)));
}
