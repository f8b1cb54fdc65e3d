/**
 * Images for inpainting and outpainting: masks, and larger canvases. A pixel mask marks the pixels to be inpainted; a
 * latent's mask, as generation takes it, marks the elements that are known.
 */
import { TransfusionError } from '@transfusion/errors';
import type { Shape } from '@transfusion/modality';
import type { RgbImage } from './rgb-image.js';

/** The pixels of an image to be inpainted, white as in other tools for inpainting. */
export interface PixelMask {
  readonly width: number;
  readonly height: number;
  /** height · width bytes, row by row: 128 and more are masked, less is known. */
  readonly data: Uint8Array;
}

/** Pixels of a canvas beyond each side of an image; negative numbers cut pixels off. */
export interface CanvasExtension {
  readonly left?: number;
  readonly top?: number;
  readonly right?: number;
  readonly bottom?: number;
}

/** Makes a mask from a painted image: light pixels are masked, dark ones known. */
export function pixelMask({ width, height, data }: RgbImage): PixelMask {
  const lightness = (_: unknown, i: number): number => (data[3 * i] + data[3 * i + 1] + data[3 * i + 2]) / 3;
  return { width, height, data: Uint8Array.from({ length: width * height }, lightness) };
}

/**
 * Returns the mask of the image's latent: one byte for each element, 1 where it is known. A position of the grid is
 * known only if all its pixels are. The image counts as scaled and cropped around its middle to the shape's aspect
 * ratio, as codecs do.
 *
 * @param latentShape [h, w, C]
 * @throws TransfusionError `invalid-argument` for another shape, or a mask whose data do not fill it
 */
export function latentMask(mask: PixelMask, latentShape: Shape): Uint8Array {
  checkMask(mask);
  if (latentShape.length !== 3) {
    throw new TransfusionError(
      'invalid-argument',
      `latentMask: the latent shape is [${latentShape.join(', ')}], expected [h, w, C].`,
    );
  }
  const [h, w, C] = latentShape;
  const { width, height, data } = mask;
  const columns = pixelRanges(width, Math.min(width, (height * w) / h), w);
  const rows = pixelRanges(height, Math.min(height, (width * h) / w), h);
  const isKnown = ([top, bottom]: PixelRange, [left, right]: PixelRange): boolean => {
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) if (data[y * width + x] >= 128) return false;
    }
    return true;
  };
  const known = new Uint8Array(h * w * C);
  rows.forEach((row, i) =>
    columns.forEach((column, j) => {
      const at = (i * w + j) * C;
      if (isKnown(row, column)) known.fill(1, at, at + C);
    }),
  );
  return known;
}

/**
 * Puts an image on a larger, smaller or shifted canvas (outpainting). Pixels beyond the image repeat its nearest
 * one and are masked. A model continues them only if it was trained on crops, or on scenes that continue beyond the
 * frame; one that has only seen whole subjects generates a second subject around the known part.
 *
 * @throws TransfusionError `invalid-argument` if nothing of the image would be left
 */
export function extendCanvas(
  image: RgbImage,
  { left = 0, top = 0, right = 0, bottom = 0 }: CanvasExtension,
): { readonly image: RgbImage; readonly mask: PixelMask } {
  const cutOff = (...sides: number[]): number => sides.reduce((sum, side) => sum - Math.min(0, side), 0);
  const isWhole = [left, top, right, bottom].every(Number.isInteger);
  if (!isWhole || cutOff(left, right) >= image.width || cutOff(top, bottom) >= image.height) {
    throw new TransfusionError(
      'invalid-argument',
      `extendCanvas: left ${left}, top ${top}, right ${right}, bottom ${bottom} around an image of ` +
        `${image.width}x${image.height}, expected integers that leave some of it.`,
    );
  }
  const [width, height] = [image.width + left + right, image.height + top + bottom];
  const canvas = { width, height, data: new Uint8Array(width * height * 3) };
  const mask = { width, height, data: new Uint8Array(width * height) };
  for (let y = 0; y < height; y++) {
    const fromY = within(y - top, image.height);
    for (let x = 0; x < width; x++) {
      const fromX = within(x - left, image.width);
      const from = (fromY * image.width + fromX) * 3;
      canvas.data.set(image.data.subarray(from, from + 3), (y * width + x) * 3);
      if (fromX !== x - left || fromY !== y - top) mask.data[y * width + x] = 255;
    }
  }
  return { image: canvas, mask };
}

/**
 * Replaces each masked pixel by the nearest known one; by white where nothing is known. An encoder looks around each
 * position of its latent: its input must not show what lies under the mask.
 *
 * @throws TransfusionError `mismatch` if the mask is not of the image's size
 */
export function fillMasked({ width, height, data }: RgbImage, mask: PixelMask): RgbImage {
  if (mask.width !== width || mask.height !== height) {
    throw new TransfusionError(
      'mismatch',
      `fillMasked: the mask has ${mask.width}x${mask.height} pixels, expected ${width}x${height}, as its image has.`,
    );
  }
  checkMask(mask);
  const isFilled = Uint8Array.from(mask.data, (value) => (value < 128 ? 1 : 0));
  const filled = new Uint8Array(data.length).fill(255);
  // From the known pixels outwards, a step at a time.
  const order = new Uint32Array(width * height);
  let count = 0;
  isFilled.forEach((isKnown, position) => {
    if (isKnown === 0) return;
    filled.set(data.subarray(3 * position, 3 * position + 3), 3 * position);
    order[count++] = position;
  });
  const fill = (position: number, from: number): void => {
    if (isFilled[position] === 1) return;
    isFilled[position] = 1;
    filled.copyWithin(3 * position, 3 * from, 3 * from + 3);
    order[count++] = position;
  };
  for (let i = 0; i < count; i++) {
    const position = order[i];
    const x = position % width;
    if (x > 0) fill(position - 1, position);
    if (x < width - 1) fill(position + 1, position);
    if (position >= width) fill(position - width, position);
    if (position < width * (height - 1)) fill(position + width, position);
  }
  return { width, height, data: filled };
}

/**
 * Puts the known pixels of the original back into the generated image: a codec that is not exact changes them a
 * little, and a latent position is inpainted as a whole.
 *
 * @param original of the size of `generated`
 * @param mask of any size; scaled and cropped as for {@link latentMask}
 * @throws TransfusionError `mismatch` if the images' sizes differ
 */
export function keepKnown(generated: RgbImage, original: RgbImage, mask: PixelMask): RgbImage {
  const { width, height } = generated;
  if (original.width !== width || original.height !== height) {
    throw new TransfusionError(
      'mismatch',
      `keepKnown: the generated image has ${width}x${height} pixels, the original ` +
        `${original.width}x${original.height}. Resize the original.`,
    );
  }
  const known = latentMask(mask, [height, width, 3]);
  return {
    width,
    height,
    data: generated.data.map((value, i) => (known[i] === 1 ? original.data[i] : value)),
  };
}

/** The first pixel, and the one behind the last. */
type PixelRange = readonly [from: number, to: number];

/** Returns the pixels that each of `count` equal parts touches, of the `kept` pixels in the middle of `length`. */
function pixelRanges(length: number, kept: number, count: number): PixelRange[] {
  const start = (length - kept) / 2;
  // A touch of less than a millionth of a pixel is an error of rounding.
  return Array.from({ length: count }, (_, i) => [
    Math.floor(start + (i * kept) / count + 1e-6),
    Math.ceil(start + ((i + 1) * kept) / count - 1e-6),
  ]);
}

function within(position: number, length: number): number {
  return Math.min(length - 1, Math.max(0, position));
}

function checkMask({ width, height, data }: PixelMask): void {
  if (data.length === width * height) return;
  throw new TransfusionError(
    'invalid-argument',
    `latentMask: the mask has ${data.length} bytes, expected ${width * height} for ${width}x${height} pixels.`,
  );
}
