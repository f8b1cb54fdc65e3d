import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readImage, writePng, type RgbImage } from '@transfusion/modality-image';
import { TransfusionError } from '@transfusion/nn';
import { pictureGrid } from '@transfusion/recipes';

/** Reads a picture that was named on the command line; what is wrong with it is said with its name. */
export async function readPicture(path: string): Promise<RgbImage> {
  try {
    return await readImage(path);
  } catch (cause) {
    if (!TransfusionError.isInstance(cause) || cause.message.startsWith(path)) throw cause;
    throw new TransfusionError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}

/** Writes pictures side by side into one file, and says its name. */
export async function writePictures(path: string, pictures: readonly RgbImage[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writePng(path, pictureGrid(pictures));
  console.log(path);
}
