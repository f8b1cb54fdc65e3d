/** Resampling of images as Pillow does it, which most networks were trained with: with the filter widened to the scale. */
import type { RgbImage } from '@transfusion/modality-image';

/** Filters of Pillow's `Image.resize`. */
export type PillowFilter = 'bilinear' | 'bicubic';

/** Half of the filter's width, and its weight at a distance, in pixels. */
const FILTERS: Readonly<Record<PillowFilter, { readonly support: number; weight(x: number): number }>> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  // Keys 1981, with a = -0.5.
  bicubic: {
    support: 2,
    weight: (distance) => {
      const x = Math.abs(distance);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    },
  },
};

/** Weights are integers, in units of 2⁻²². */
const ONE = 2 ** 22;

/** Resizes an image to a size, byte for byte like Pillow: first along rows, then along columns, rounded in between. */
export function pillowResize(
  image: RgbImage,
  width: number,
  height: number,
  filter: PillowFilter = 'bilinear',
): RgbImage {
  const across = resizeAxis(image.data, [image.height, image.width, 3], width, filter);
  const data = resizeAxis(across, [1, image.height, width * 3], height, filter);
  return { width, height, data };
}

/** Resizes the middle axis of an array [outer, length, inner]. */
function resizeAxis(
  data: Uint8Array,
  [outer, length, inner]: readonly [number, number, number],
  newLength: number,
  filter: PillowFilter,
): Uint8Array {
  if (length === newLength) return data;
  const result = new Uint8Array(outer * newLength * inner);
  for (let i = 0; i < newLength; i++) {
    const { start, weights } = weightsAt(i, length / newLength, length, filter);
    for (let line = 0; line < outer; line++) {
      for (let k = 0; k < inner; k++) {
        const from = (line * length + start) * inner + k;
        let sum = ONE / 2;
        for (let j = 0; j < weights.length; j++) sum += weights[j] * data[from + j * inner];
        result[(line * newLength + i) * inner + k] = Math.min(255, Math.max(0, Math.floor(sum / ONE)));
      }
    }
  }
  return result;
}

/** Returns the input pixels that an output pixel is the weighted sum of. */
function weightsAt(
  output: number,
  scale: number,
  numInputs: number,
  filter: PillowFilter,
): { readonly start: number; readonly weights: readonly number[] } {
  const { support, weight } = FILTERS[filter];
  const widening = Math.max(1, scale);
  const center = (output + 0.5) * scale;
  const start = Math.max(0, Math.trunc(center - support * widening + 0.5));
  const end = Math.min(numInputs, Math.trunc(center + support * widening + 0.5));
  const weights = Array.from({ length: end - start }, (_, k) =>
    weight((start + k - center + 0.5) / widening),
  );
  const sum = weights.reduce((total, value) => total + value);
  return {
    start,
    weights: weights.map((value) => {
      const scaled = (value / sum) * ONE;
      return Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
    }),
  };
}
