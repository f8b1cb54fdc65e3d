/**
 * Masks and canvases for inpainting and outpainting. A pixel mask marks the pixels to inpaint; a latent mask, as
 * generation takes it, marks the known elements.
 */
import { TransfusionError } from '@transfusion/errors';
import type { Shape } from '@transfusion/modality';
import type { RgbImage } from './rgb-image.js';

/** The pixels of an image to inpaint, in white, as is common in inpainting tools. */
export interface PixelMask {
  readonly width: number;
  readonly height: number;
  /** height · width bytes, row by row: from 128 masked, below 128 known. */
  readonly data: Uint8Array;
}

/** Number of pixels to add to each side of an image; negative numbers crop. */
export interface CanvasExtension {
  readonly left?: number;
  readonly top?: number;
  readonly right?: number;
  readonly bottom?: number;
}

/** Converts an image to a mask: light pixels are masked, dark ones known. */
export function pixelMask({ width, height, data }: RgbImage): PixelMask {
  const lightness = (_: unknown, i: number): number => (data[3 * i] + data[3 * i + 1] + data[3 * i + 2]) / 3;
  return { width, height, data: Uint8Array.from({ length: width * height }, lightness) };
}

/**
 * Returns the mask of an image's latent: one byte per element, 1 where it is known. A latent position is known only if
 * all its pixels are. The mask is scaled and center-cropped to the shape's aspect ratio, like images in codecs.
 *
 * @param latentShape [h, w, C]
 * @throws TransfusionError `invalid-argument` for another kind of shape, or a mask with the wrong number of bytes
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
 * Extends or crops the canvas of an image, for outpainting. Added pixels repeat the image's nearest pixel and are masked. A
 * model continues the image only if it was trained on crops, or on scenes that continue beyond the frame; one that has only
 * seen complete subjects generates a second subject around the known part.
 *
 * @throws TransfusionError `invalid-argument` if the image would be cropped away
 */
export function extendCanvas(
  image: RgbImage,
  { left = 0, top = 0, right = 0, bottom = 0 }: CanvasExtension,
): { readonly image: RgbImage; readonly mask: PixelMask } {
  const cropped = (...sides: number[]): number => sides.reduce((sum, side) => sum - Math.min(0, side), 0);
  const areIntegers = [left, top, right, bottom].every(Number.isInteger);
  if (!areIntegers || cropped(left, right) >= image.width || cropped(top, bottom) >= image.height) {
    throw new TransfusionError(
      'invalid-argument',
      `extendCanvas: left ${left}, top ${top}, right ${right}, bottom ${bottom} around an image of ` +
        `${image.width}x${image.height}, expected integers that keep a part of it.`,
    );
  }
  const [width, height] = [image.width + left + right, image.height + top + bottom];
  const canvas = { width, height, data: new Uint8Array(width * height * 3) };
  const mask = { width, height, data: new Uint8Array(width * height) };
  for (let y = 0; y < height; y++) {
    const fromY = clampPosition(y - top, image.height);
    for (let x = 0; x < width; x++) {
      const fromX = clampPosition(x - left, image.width);
      const from = (fromY * image.width + fromX) * 3;
      canvas.data.set(image.data.subarray(from, from + 3), (y * width + x) * 3);
      if (fromX !== x - left || fromY !== y - top) mask.data[y * width + x] = 255;
    }
  }
  return { image: canvas, mask };
}

/**
 * Replaces each masked pixel by the nearest known one, or by white if no pixel is known. The receptive field of an encoder
 * covers the surroundings of each position, so its input must not contain masked pixels.
 *
 * @throws TransfusionError `mismatch` if mask and image differ in size
 */
export function fillMasked({ width, height, data }: RgbImage, mask: PixelMask): RgbImage {
  if (mask.width !== width || mask.height !== height) {
    throw new TransfusionError(
      'mismatch',
      `fillMasked: the mask has ${mask.width}x${mask.height} pixels, expected ${width}x${height}, the size of the image. ` +
        'Resize the mask.',
    );
  }
  checkMask(mask);
  const isFilled = new Uint8Array(width * height);
  const filled = new Uint8Array(data.length).fill(255);
  // Breadth-first search from the known pixels.
  const queue = new Uint32Array(width * height);
  let count = 0;
  const fill = (position: number, source: Uint8Array, from: number): void => {
    isFilled[position] = 1;
    // One by one: three bytes are too few for a call, and there are millions of pixels.
    for (let channel = 0; channel < 3; channel++) filled[3 * position + channel] = source[3 * from + channel];
    queue[count++] = position;
  };
  for (let position = 0; position < isFilled.length; position++) {
    if (mask.data[position] < 128) fill(position, data, position);
  }
  const spread = (position: number, from: number): void => {
    if (isFilled[position] === 0) fill(position, filled, from);
  };
  for (let i = 0; i < count; i++) {
    const position = queue[i];
    const x = position % width;
    if (x > 0) spread(position - 1, position);
    if (x < width - 1) spread(position + 1, position);
    if (position >= width) spread(position - width, position);
    if (position < width * (height - 1)) spread(position + width, position);
  }
  return { width, height, data: filled };
}

/**
 * Restores the known pixels of the original in the generated image: a lossy codec changes them, and latent positions are
 * only inpainted as a whole.
 *
 * @param original an image with the size of `generated`
 * @param mask a mask of any size; scaled and cropped as in {@link latentMask}
 * @throws TransfusionError `mismatch` if the images' sizes differ
 */
export function keepKnown(generated: RgbImage, original: RgbImage, mask: PixelMask): RgbImage {
  const { width, height } = generated;
  if (original.width !== width || original.height !== height) {
    throw new TransfusionError(
      'mismatch',
      `keepKnown: the original has ${original.width}x${original.height} pixels, expected ${width}x${height}, the size of the ` +
        'generated image. Resize the original.',
    );
  }
  const known = latentMask(mask, [height, width, 3]);
  return {
    width,
    height,
    data: generated.data.map((value, i) => (known[i] === 1 ? original.data[i] : value)),
  };
}

/** A half-open range of pixels. */
type PixelRange = readonly [from: number, to: number];

/** Splits the central `kept` of `length` pixels into `count` equal parts, and returns the pixels that each overlaps. */
function pixelRanges(length: number, kept: number, count: number): PixelRange[] {
  const start = (length - kept) / 2;
  // Overlaps below a millionth of a pixel are rounding errors.
  return Array.from({ length: count }, (_, i) => [
    Math.floor(start + (i * kept) / count + 1e-6),
    Math.ceil(start + ((i + 1) * kept) / count - 1e-6),
  ]);
}

function clampPosition(position: number, length: number): number {
  return Math.min(length - 1, Math.max(0, position));
}

function checkMask({ width, height, data }: PixelMask): void {
  if (data.length === width * height) return;
  throw new TransfusionError(
    'invalid-argument',
    `latentMask: the mask has ${data.length} bytes, expected ${width * height} for ${width}x${height} pixels.`,
  );
}
