/** Data augmentation: images moved, tinted, softened and with noise, as in other styles or from a lossy decoder. */
import { randomAffine, randomTint, type RgbImage } from '@transfusion/modality-image';
import { createRng, type Rng } from '@transfusion/nn';

/** Maximum strength of the distortions besides movement. */
export interface Distortion {
  /** Relative change of each channel's darkness. White stays white. */
  readonly tint: number;
  /** Share of the mean of 3 × 3 pixels that is mixed into half of the images. */
  readonly softness: number;
  /** Standard deviation of the noise on pixels from -1 to 1, for half of the images. */
  readonly noise: number;
}

const MOVEMENT = { degrees: 11.5, translate: 0.08, scale: [0.8, 1.15], stretch: 0.08 } as const;

/** Noise is sampled once, and each image takes a stretch of it: sampling for each takes longer than all the rest. */
const noiseTable = createRng(0)
  .fork('noise')
  .normals(2 ** 18);

/**
 * Returns the image moved and distorted: [side, side, 3] from -1 to 1.
 *
 * @param side the image's own, or half of it
 */
export function distortedPixels(
  image: RgbImage,
  side: number,
  rng: Rng,
  { tint, softness, noise }: Distortion,
): Float32Array {
  const moved = randomAffine(image, rng, { ...MOVEMENT, size: [side, side] });
  const pixels = Float32Array.from(randomTint(moved, rng, tint).data, (value) => value / 127.5 - 1);
  if (rng.uniform() < 0.5) soften(pixels, side, softness * rng.uniform());
  if (rng.uniform() < 0.5) addNoise(pixels, noise * rng.uniform(), rng.integer(noiseTable.length));
  return pixels;
}

/** Mixes pixels with the mean of 3 × 3; a softness of 1 leaves the mean alone. The outermost pixels stay. */
function soften(pixels: Float32Array, side: number, softness: number): void {
  const sharp = pixels.slice();
  const line = side * 3;
  for (let i = line + 3; i < pixels.length - line - 3; i++) {
    const column = i % line;
    if (column < 3 || column >= line - 3) continue;
    let sum = 0;
    for (let above = i - line; above <= i + line; above += line) {
      sum += sharp[above - 3] + sharp[above] + sharp[above + 3];
    }
    pixels[i] += softness * (sum / 9 - sharp[i]);
  }
}

function addNoise(pixels: Float32Array, deviation: number, start: number): void {
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] += deviation * noiseTable[(start + i) % noiseTable.length];
  }
}
