import { TransfusionError } from '@transfusion/errors';
import { isRgbImage, type RgbImage } from '@transfusion/modality-image';

/**
 * Checks two images that are to be compared.
 *
 * @throws TransfusionError `invalid-argument` for what is no image, `mismatch` for images of two sizes
 */
export function checkComparable(where: string, a: RgbImage, b: RgbImage): void {
  for (const [name, image] of Object.entries({ first: a, second: b })) {
    if (isRgbImage(image)) continue;
    throw new TransfusionError(
      'invalid-argument',
      `${where}: the ${name} image is not an RgbImage, expected { width, height, data } with ` +
        'width · height · 3 bytes of data.',
    );
  }
  if (a.width === b.width && a.height === b.height) return;
  throw new TransfusionError(
    'mismatch',
    `${where}: the first image has ${a.width} × ${a.height} pixels, the second ${b.width} × ${b.height}. ` +
      'Bring them to one size first (resizeImage).',
  );
}
