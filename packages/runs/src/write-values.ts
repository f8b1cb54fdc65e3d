/** Writes values of a modality into files, as its media has them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { Modality } from '@transfusion/modality';

/**
 * Writes one file for one value; for several values the modality's sheet (a grid of images, say), or, if it has none,
 * numbered files (`sample-1.csv`, `sample-2.csv`).
 *
 * @param path with the extension of the modality's media, or without, which is then added; its folder is made if it is
 *   missing
 * @returns the paths written, each with the extension of its media type
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
      `${path}: values of '${name}' cannot be written, for the modality has no media. Give it one, with 'encode'.`,
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
