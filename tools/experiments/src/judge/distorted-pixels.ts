/**
 * Pictures as another artist, or a decoder that is not exact, might have placed and coloured them. A training
 * step waits for this, so it runs over each picture's numbers as few times as it can.
 */
import type { RgbImage } from '@transfusion/modality-image';
import { createRng, type Rng } from '@transfusion/nn';

/** Factors of the size; sides may differ by a part of it. */
const SCALE = { from: 0.8, to: 1.15, stretch: 0.08 };
/** Radians to either side. */
const ROTATION = 0.2;
/** Part of the side. */
const SHIFT = 0.08;
/** How far each channel's darkness is from the original's, as a part of it. White stays white. */
const TINT = 0.15;
/** Standard deviation of the noise on pixels from -1 to 1, at the most. */
const NOISE = 0.08;

/** Noise is drawn once, and each picture takes a stretch of it: to draw it anew takes longer than all the rest. */
const noiseTable = createRng(0)
  .fork('noise')
  .normals(2 ** 18);

/**
 * Numbers from -1 to 1, [side, side, 3]: the picture moved, tinted, and half of the times softened and made noisy.
 *
 * @param side the picture's own, or half of it
 */
export function distortedPixels(image: RgbImage, side: number, rng: Rng): Float32Array {
  const pixels = movedPixels(image, side, rng);
  if (rng.uniform() < 0.5) soften(pixels, side, rng.uniform());
  if (rng.uniform() < 0.5) addNoise(pixels, NOISE * rng.uniform(), rng.integer(noiseTable.length));
  return pixels;
}

/** Turned, scaled and shifted around the middle, with bilinear interpolation; what is uncovered is white. */
function movedPixels({ width, height, data }: RgbImage, side: number, rng: Rng): Float32Array {
  const between = (from: number, to: number): number => from + rng.uniform() * (to - from);
  const around = (range: number): number => between(-range, range);
  const scale = between(SCALE.from, SCALE.to) * (side / width);
  const scaleX = scale * (1 + around(SCALE.stretch));
  const scaleY = scale * (1 + around(SCALE.stretch));
  const angle = around(ROTATION);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const middleX = (width - 1) / 2;
  const middleY = (height - 1) / 2;
  const toX = (side - 1) / 2 + around(SHIFT) * side;
  const toY = (side - 1) / 2 + around(SHIFT) * side;
  const tints = [1 + around(TINT), 1 + around(TINT), 1 + around(TINT)];
  const pixels = new Float32Array(side * side * 3).fill(1);
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at += 3) {
      const fromX = (cos * (x - toX) + sin * (y - toY)) / scaleX + middleX;
      const fromY = (cos * (y - toY) - sin * (x - toX)) / scaleY + middleY;
      const left = Math.floor(fromX);
      const top = Math.floor(fromY);
      if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) continue;
      const u = fromX - left;
      const v = fromY - top;
      const first = (top * width + left) * 3;
      const second = first + width * 3;
      for (let c = 0; c < 3; c++) {
        const above = data[first + c] * (1 - u) + data[first + 3 + c] * u;
        const below = data[second + c] * (1 - u) + data[second + 3 + c] * u;
        const value = above * (1 - v) + below * v;
        pixels[at + c] = 1 - (tints[c] * (255 - value)) / 127.5;
      }
    }
  }
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
