import { TransfusionError } from '@transfusion/errors';
import { isRgbImage, type RgbImage } from '@transfusion/modality-image';

/**
 * Checks that two images can be compared.
 *
 * @throws TransfusionError `invalid-argument` for a value that is not an image, `mismatch` for different
 *   sizes
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
    `${where}: the second image has ${b.width} × ${b.height} pixels, expected ${a.width} × ${a.height}, the size of ` +
      'the first. Resize it (resizeImage).',
  );
}
