import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writePng, type RgbImage } from '@transfusion/modality-image';
import { pictureGrid } from '@transfusion/recipes';

/** Writes pictures side by side into one file, and says its name. */
export async function writePictures(path: string, pictures: readonly RgbImage[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writePng(path, pictureGrid(pictures));
  console.log(path);
}
