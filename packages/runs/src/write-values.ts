/** Writes values of a modality to files, in the format of its media. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { Modality } from '@transfusion/modality';

/**
 * Writes one value to a file, or several values to one file as the modality's sheet (such as a grid of images). Without
 * a sheet, several values become numbered files (`sample-1.csv`, `sample-2.csv`).
 *
 * @param path where to write; the extension of the modality's media is appended if absent, and missing folders are created
 * @returns the paths written, with extensions
 * @throws TransfusionError `invalid-argument` for a modality without media
 */
export async function writeValues(
  { name, media }: Pick<Modality, 'name' | 'media'>,
  values: readonly unknown[],
  path: string,
): Promise<string[]> {
  if (media === undefined) {
    throw new TransfusionError(
      'invalid-argument',
      `${path}: values of '${name}' cannot be written: the modality has no media. Add media with 'encode' to it.`,
    );
  }
  const [extension] = media.extensions;
  const stem = path.toLowerCase().endsWith(extension) ? path.slice(0, -extension.length) : path;
  await mkdir(dirname(stem), { recursive: true });
  if (values.length > 1 && media.sheet !== undefined) {
    const sheet = await media.sheet(values);
    await writeFile(`${stem}${sheet.extension}`, sheet.bytes);
    return [`${stem}${sheet.extension}`];
  }
  return Promise.all(
    values.map(async (value, i) => {
      const number = values.length > 1 ? `-${i + 1}` : '';
      const file = `${stem}${number}${extension}`;
      await writeFile(file, await media.encode(value));
      return file;
    }),
  );
}
