/** Images as another artist, or a decoder that is not exact, might have placed and colored them. */
import { randomAffine, randomTint, type RgbImage } from '@transfusion/modality-image';
import { createRng, type Rng } from '@transfusion/nn';

/** What is done to an image besides moving it; each at most so much. */
export interface Distortion {
  /** How far each channel's darkness may be from the original's, as a part of it. White stays white. */
  readonly tint: number;
  /** How much of the mean of 3 × 3 pixels may be mixed in, for half of the images. */
  readonly softness: number;
  /** Standard deviation of the noise on pixels from -1 to 1, for half of the images. */
  readonly noise: number;
}

const MOVEMENT = { degrees: 11.5, translate: 0.08, scale: [0.8, 1.15], stretch: 0.08 } as const;

/** Noise is drawn once, and each image takes a stretch of it: to draw it anew takes longer than all the rest. */
const noiseTable = createRng(0)
  .fork('noise')
  .normals(2 ** 18);

/**
 * Numbers from -1 to 1, [side, side, 3]: the image moved and distorted.
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
