/** Sizes of a model's images, and the latent shapes that they have. */
import type { ModalityRegistry } from '@transfusion/modality';
import { isRgbImage, resizeImage, type RgbImage } from '@transfusion/modality-image';
import { InferenceError } from '../model-host.js';
import { isOfKind } from '../model-media.js';

/** Size of a generated image, and the latent shape to ask for. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
  readonly latentShape: readonly number[];
}

/** Returns the sizes of the images that a model generates, by decoding an image of each latent shape. */
export async function imageSizes({ modalities }: ModalityRegistry): Promise<ImageSize[]> {
  const sizes: ImageSize[] = [];
  for (const modality of modalities) {
    if (modality.kind !== 'continuous' || !isOfKind(modality, 'image')) continue;
    for (const shape of modality.latentShapes) {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      const [value] = await modality.codec.decode([{ shape, data }]);
      if (isRgbImage(value)) sizes.push({ width: value.width, height: value.height, latentShape: shape });
    }
  }
  return sizes;
}

/** @throws InferenceError `invalid` for a size that the model does not generate */
export function latentShapeOf(
  sizes: readonly ImageSize[],
  [width, height]: readonly [number, number],
): readonly number[] {
  const found = sizes.find((size) => size.width === width && size.height === height);
  if (found !== undefined) return found.latentShape;
  const known = sizes.map((size) => `${size.width}x${size.height}`).join(', ');
  throw new InferenceError(
    'invalid',
    `size is ${width}x${height}, but the model generates ${known === '' ? 'no images of a fixed size' : known}. ` +
      "Choose one of them, or 'auto'.",
    'size',
  );
}

/**
 * Returns a preview as large as the image that it will become: of the size that was asked for, or the first with its
 * aspect ratio. Values that are no images are returned as they are.
 */
export async function previewInFullSize(
  value: unknown,
  sizes: readonly ImageSize[],
  asked: readonly [width: number, height: number] | undefined,
): Promise<unknown> {
  if (!isRgbImage(value)) return value;
  const [width, height] = asked ?? sizeLike(value, sizes);
  return resizeImage(value, width, height);
}

function sizeLike({ width, height }: RgbImage, sizes: readonly ImageSize[]): readonly [number, number] {
  const size = sizes.find((candidate) => candidate.width * height === candidate.height * width);
  return size === undefined ? [width, height] : [size.width, size.height];
}
