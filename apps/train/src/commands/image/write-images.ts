import type { Transfusion } from '@transfusion/core';
import type { RgbImage } from '@transfusion/modality-image';
import { modalityOf } from '@transfusion/pipelines';
import { writeValues } from '@transfusion/runs';

/** Writes one image, or several side by side, into a file, and prints its path. */
export async function writeImages(
  { modalities }: Transfusion,
  images: readonly RgbImage[],
  path: string,
): Promise<void> {
  const files = await writeValues(modalityOf(modalities, images[0], 'images'), images, path);
  files.forEach((file) => console.log(file));
}
