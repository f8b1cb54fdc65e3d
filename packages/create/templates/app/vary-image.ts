import type { RgbImage } from '@transfusion/modality-image';
import type { Rng } from '@transfusion/nn';

/** Least side of a crop, as a fraction of that of the largest square. */
const MIN_CROP = 0.85;

/**
 * Returns a random square crop, mirrored in half of all cases. Do not mirror images whose captions tell left from right.
 */
export function varyImage({ width, height, data }: RgbImage, rng: Rng): RgbImage {
  const side = Math.round(Math.min(width, height) * (MIN_CROP + (1 - MIN_CROP) * rng.uniform()));
  const left = Math.round(rng.uniform() * (width - side));
  const top = Math.round(rng.uniform() * (height - side));
  const isMirrored = rng.uniform() < 0.5;
  const crop = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = ((top + y) * width + left + (isMirrored ? side - 1 - x : x)) * 3;
      crop.set(data.subarray(from, from + 3), (y * side + x) * 3);
    }
  }
  return { width: side, height: side, data: crop };
}
