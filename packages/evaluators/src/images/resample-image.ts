/**
 * Resizes images as the evaluation scripts of the field do, in float: published distances depend on the filter (Parmar et
 * al. 2022).
 */
import { TransfusionError } from '@transfusion/errors';
import type { RgbImage } from '@transfusion/modality-image';

/**
 * Filter of resizing. `clean-bicubic`: bicubic and antialiased, of Pillow in float, as clean-fid uses it. `bilinear`: of
 * four pixels, without antialiasing, as pytorch-fid uses it. `rounded-bicubic`: of Pillow on bytes, as the image processors
 * of CLIP use it; values are whole.
 */
export type ResizeFilter = 'clean-bicubic' | 'bilinear' | 'rounded-bicubic';

/** Names of the filters. */
export const RESIZE_FILTERS: readonly ResizeFilter[] = ['clean-bicubic', 'bilinear', 'rounded-bicubic'];

/** Weights of the source pixels of a target pixel, from `first` on. */
interface Weights {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * Resizes an image: values from 0 to 255, [height, width, 3].
 *
 * @throws TransfusionError `invalid-argument` for sides that are not positive integers, or an unknown filter
 */
export function resampleImage(
  image: RgbImage,
  width: number,
  height: number,
  filter: ResizeFilter = 'clean-bicubic',
): Float32Array {
  for (const side of [width, height]) {
    if (Number.isInteger(side) && side > 0) continue;
    throw new TransfusionError(
      'invalid-argument',
      `resampleImage: the size is ${width} × ${height}, expected positive integers.`,
    );
  }
  checkFilter('resampleImage', filter);
  const weightsOf = WEIGHTS[filter];
  const finish = filter === 'rounded-bicubic' ? nearestByte : Math.fround;
  // Pillow leaves out a pass that changes nothing.
  const rows =
    image.width === width
      ? Float32Array.from(image.data)
      : resampleAxis(image.data, [image.height, image.width, 3], weightsOf(image.width, width), finish);
  const resized =
    image.height === height
      ? rows
      : resampleAxis(rows, [1, image.height, width * 3], weightsOf(image.height, height), finish);
  return resized.map((value) => Math.min(255, Math.max(0, value)));
}

/** Checks the name of a filter. @throws TransfusionError `invalid-argument` for an unknown one */
export function checkFilter(where: string, filter: string): void {
  if ((RESIZE_FILTERS as readonly string[]).includes(filter)) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: the resize filter is '${filter}', expected ${RESIZE_FILTERS.map((name) => `'${name}'`).join(', ')}.`,
  );
}

/** Resamples the middle axis: [outer, length, inner] -> [outer, weights.length, inner]. */
function resampleAxis(
  data: ArrayLike<number>,
  [outer, length, inner]: readonly [number, number, number],
  weightsOf: readonly Weights[],
  finish: (value: number) => number,
): Float32Array {
  const result = new Float32Array(outer * weightsOf.length * inner);
  const sums = new Float64Array(inner);
  for (let row = 0; row < outer; row++) {
    weightsOf.forEach(({ first, weights }, target) => {
      sums.fill(0);
      for (let k = 0; k < weights.length; k++) {
        const at = (row * length + first + k) * inner;
        for (let i = 0; i < inner; i++) sums[i] += weights[k] * data[at + i];
      }
      const to = (row * weightsOf.length + target) * inner;
      for (let i = 0; i < inner; i++) result[to + i] = finish(sums[i]);
    });
  }
  return result;
}

/** Weights of Pillow's bicubic filter: a kernel that widens with the factor of shrinking, cut at the borders. */
function bicubicWeights(from: number, to: number): Weights[] {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  return Array.from({ length: to }, (_, target) => {
    const center = (target + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - 2 * stretch + 0.5));
    const end = Math.min(from, Math.trunc(center + 2 * stretch + 0.5));
    const weights = Float64Array.from({ length: end - first }, (_, k) =>
      cubic((first + k - center + 0.5) / stretch),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/** The cubic convolution kernel (Keys 1981) with a = -0.5. */
function cubic(x: number): number {
  const distance = Math.abs(x);
  if (distance < 1) return (1.5 * distance - 2.5) * distance * distance + 1;
  if (distance < 2) return ((-0.5 * distance + 2.5) * distance - 4) * distance + 2;
  return 0;
}

/** Weights of PyTorch's `interpolate` with `align_corners=False`: two neighbors, whatever the factor. */
function bilinearWeights(from: number, to: number): Weights[] {
  return Array.from({ length: to }, (_, target) => {
    const position = Math.max(0, ((target + 0.5) * from) / to - 0.5);
    const first = Math.min(Math.floor(position), from - 1);
    if (first === from - 1) return { first, weights: Float64Array.of(1) };
    return { first, weights: Float64Array.of(1 - (position - first), position - first) };
  });
}

/** Pillow's fixed-point numbers for images of bytes: 22 bits after the point. */
const FIXED_POINT = 2 ** 22;

function fixedPointWeights(from: number, to: number): Weights[] {
  return bicubicWeights(from, to).map(({ first, weights }) => ({
    first,
    // Rounded away from zero at one half.
    weights: weights.map((w) => (Math.sign(w) * Math.floor(Math.abs(w) * FIXED_POINT + 0.5)) / FIXED_POINT),
  }));
}

function nearestByte(value: number): number {
  return Math.min(255, Math.max(0, Math.floor(value + 0.5)));
}

const WEIGHTS: Readonly<Record<ResizeFilter, (from: number, to: number) => Weights[]>> = {
  'clean-bicubic': bicubicWeights,
  bilinear: bilinearWeights,
  'rounded-bicubic': fixedPointWeights,
};
