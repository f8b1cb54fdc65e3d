/** Random image augmentation. */
import { TransfusionError } from '@transfusion/errors';
import type { Rng } from '@transfusion/nn';
import type { RgbImage } from './rgb-image.js';

/** Ranges of {@link randomAffine}, each sampled uniformly. */
export interface RandomAffineOptions {
  /** Maximum rotation in either direction, in degrees; defaults to 0. */
  readonly degrees?: number;
  /** Maximum translation along each axis, as a fraction of the size; defaults to 0. */
  readonly translate?: number;
  /** Minimum and maximum scale; defaults to [1, 1]. */
  readonly scale?: readonly [from: number, to: number];
  /** Maximum deviation of the horizontal and the vertical scale, as a fraction of the scale; defaults to 0. */
  readonly stretch?: number;
  /** Width and height of the result; defaults to the image's. */
  readonly size?: readonly [width: number, height: number];
}

/**
 * Applies a random rotation, scale and translation around the center, with bilinear interpolation. Uncovered pixels are
 * white.
 *
 * @throws TransfusionError `invalid-argument` for a range out of bounds
 */
export function randomAffine(image: RgbImage, rng: Rng, options: RandomAffineOptions): RgbImage {
  const { degrees = 0, translate = 0, scale: scales = [1, 1], stretch = 0 } = options;
  const { size: [width, height] = [image.width, image.height] } = options;
  checkAffine(options);
  const uniformWithin = (range: number): number => (rng.uniform() * 2 - 1) * range;
  const scale = scales[0] + rng.uniform() * (scales[1] - scales[0]);
  const scaleX = scale * (1 + uniformWithin(stretch)) * (width / image.width);
  const scaleY = scale * (1 + uniformWithin(stretch)) * (height / image.height);
  const angle = uniformWithin((degrees * Math.PI) / 180);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const toX = (width - 1) / 2 + uniformWithin(translate) * width;
  const toY = (height - 1) / 2 + uniformWithin(translate) * height;
  const [middleX, middleY] = [(image.width - 1) / 2, (image.height - 1) / 2];
  const from = image.data;
  const line = image.width * 3;
  const data = new Uint8Array(width * height * 3).fill(255);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const [alongX, alongY] = [(x - toX) / scaleX, (y - toY) / scaleY];
      const fromX = cos * alongX + sin * alongY + middleX;
      const fromY = cos * alongY - sin * alongX + middleY;
      // Pixels extend half a pixel beyond their centers.
      if (Math.abs(fromX - middleX) > image.width / 2 || Math.abs(fromY - middleY) > image.height / 2)
        continue;
      const left = Math.max(0, Math.floor(fromX));
      const top = Math.max(0, Math.floor(fromY));
      const [u, v] = [Math.max(0, fromX - left), Math.max(0, fromY - top)];
      const first = top * line + left * 3;
      const right = left + 1 < image.width ? 3 : 0;
      const below = top + 1 < image.height ? line : 0;
      for (let c = first; c < first + 3; c++) {
        const above = from[c] * (1 - u) + from[c + right] * u;
        const under = from[c + below] * (1 - u) + from[c + below + right] * u;
        data[at + c - first] = Math.round(above * (1 - v) + under * v);
      }
    }
  }
  return { width, height, data };
}

/**
 * Scales the inverted red, green and blue channels by random factors from 1 - `strength` to 1 + `strength`; white stays
 * white.
 *
 * @throws TransfusionError `invalid-argument` for a strength outside [0, 1]
 */
export function randomTint({ width, height, data }: RgbImage, rng: Rng, strength: number): RgbImage {
  if (!(strength >= 0 && strength <= 1)) {
    throw new TransfusionError(
      'invalid-argument',
      `randomTint: strength is ${strength}, expected a number from 0 to 1.`,
    );
  }
  const factors = Array.from({ length: 3 }, () => 1 + (rng.uniform() * 2 - 1) * strength);
  const tinted = (value: number, i: number): number =>
    Math.max(0, Math.round(255 - factors[i % 3] * (255 - value)));
  return { width, height, data: data.map(tinted) };
}

function checkAffine({
  degrees = 0,
  translate = 0,
  scale = [1, 1],
  stretch = 0,
  size = [1, 1],
}: RandomAffineOptions): void {
  const fail = (found: string, expected: string): never => {
    throw new TransfusionError('invalid-argument', `randomAffine: ${found}, expected ${expected}.`);
  };
  if (!(degrees >= 0)) fail(`degrees is ${degrees}`, 'a non-negative number');
  if (!(translate >= 0)) fail(`translate is ${translate}`, 'a non-negative number');
  if (!(stretch >= 0 && stretch < 1)) fail(`stretch is ${stretch}`, 'a number from 0 to less than 1');
  if (!(scale[0] > 0 && scale[1] >= scale[0]))
    fail(`scale is ${scale.join(' to ')}`, 'positive numbers in ascending order');
  if (!size.every((side) => Number.isInteger(side) && side > 0))
    fail(`size is ${size.join('x')}`, 'positive integers');
}
