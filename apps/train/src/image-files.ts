import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { imageGrid, writePng, type RgbImage } from '@transfusion/modality-image';

/** Writes images side by side into one file, and says its name. */
export async function writeImages(path: string, images: readonly RgbImage[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writePng(path, imageGrid(images));
  console.log(path);
}
