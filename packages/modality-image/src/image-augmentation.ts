/** Random changes of images, for training on few. */
import { TransfusionError } from '@transfusion/errors';
import type { Rng } from '@transfusion/nn';
import type { RgbImage } from './rgb-image.js';

/** Ranges of {@link randomAffine}, each sampled uniformly. */
export interface RandomAffineOptions {
  /** Largest rotation to either side, in degrees; defaults to 0. */
  readonly degrees?: number;
  /** Largest shift along and across, as a part of the size; defaults to 0. */
  readonly translate?: number;
  /** Factors of the size, from and to; defaults to [1, 1]. */
  readonly scale?: readonly [from: number, to: number];
  /** Largest difference of width and height from the scale, as a part of it; defaults to 0. */
  readonly stretch?: number;
  /** Width and height to which the result is scaled; defaults to the image's own. */
  readonly size?: readonly [width: number, height: number];
}

/**
 * Rotates, scales and shifts the image at random around its middle, with bilinear interpolation. Pixels from beyond
 * the image are white.
 *
 * @throws TransfusionError `invalid-argument` for a range out of bounds
 */
export function randomAffine(image: RgbImage, rng: Rng, options: RandomAffineOptions): RgbImage {
  const { degrees = 0, translate = 0, scale: scales = [1, 1], stretch = 0 } = options;
  const { size: [width, height] = [image.width, image.height] } = options;
  checkAffine(options);
  const around = (range: number): number => (rng.uniform() * 2 - 1) * range;
  const scale = scales[0] + rng.uniform() * (scales[1] - scales[0]);
  const scaleX = scale * (1 + around(stretch)) * (width / image.width);
  const scaleY = scale * (1 + around(stretch)) * (height / image.height);
  const angle = around((degrees * Math.PI) / 180);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const toX = (width - 1) / 2 + around(translate) * width;
  const toY = (height - 1) / 2 + around(translate) * height;
  const [middleX, middleY] = [(image.width - 1) / 2, (image.height - 1) / 2];
  const from = image.data;
  const line = image.width * 3;
  const data = new Uint8Array(width * height * 3).fill(255);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const [alongX, alongY] = [(x - toX) / scaleX, (y - toY) / scaleY];
      const fromX = cos * alongX + sin * alongY + middleX;
      const fromY = cos * alongY - sin * alongX + middleY;
      // Pixels reach half a pixel beyond their middles.
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
 * Scales the darkness of red, green and blue each by a random factor of 1 ± up to `strength`; white stays white.
 *
 * @throws TransfusionError `invalid-argument` for a strength that is not from 0 to 1
 */
export function randomTint({ width, height, data }: RgbImage, rng: Rng, strength: number): RgbImage {
  if (!(strength >= 0 && strength <= 1)) {
    throw new TransfusionError('invalid-argument', `randomTint: strength is ${strength}, expected 0 to 1.`);
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
  const refuse = (what: string, expected: string): never => {
    throw new TransfusionError('invalid-argument', `randomAffine: ${what}, expected ${expected}.`);
  };
  if (!(degrees >= 0)) refuse(`degrees is ${degrees}`, '0 or more');
  if (!(translate >= 0)) refuse(`translate is ${translate}`, '0 or more');
  if (!(stretch >= 0 && stretch < 1)) refuse(`stretch is ${stretch}`, 'from 0 to less than 1');
  if (!(scale[0] > 0 && scale[1] >= scale[0]))
    refuse(`scale is ${scale.join(' to ')}`, 'rising factors above 0');
  if (!size.every((side) => Number.isInteger(side) && side > 0))
    refuse(`size is ${size.join('x')}`, 'positive integers');
}
