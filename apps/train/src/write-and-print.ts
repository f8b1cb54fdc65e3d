import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Modality } from '@transfusion/modality';
import { writeValues } from '@transfusion/runs';

/** Writes values of a modality into files (see `writeValues`) and prints the paths written. */
export async function writeAndPrint(
  modality: Modality,
  values: readonly unknown[],
  path: string,
): Promise<void> {
  noteNewFolder(dirname(path));
  for (const file of await writeValues(modality, values, path)) console.log(file);
}

/** Writes one value into a file (see `writeValues`) and returns its path. */
export async function writeOne(modality: Modality, value: unknown, path: string): Promise<string> {
  noteNewFolder(dirname(path));
  const [file] = await writeValues(modality, [value], path);
  return file;
}

/** Writes one value into a file `<path>-<number>` and returns its path. */
export function writeNumbered(
  modality: Modality,
  value: unknown,
  path: string,
  number: string,
): Promise<string> {
  const extension = modality.media?.extensions[0] ?? '';
  const stem = path.toLowerCase().endsWith(extension) ? path.slice(0, path.length - extension.length) : path;
  return writeOne(modality, value, `${stem}-${number}`);
}

/** Reports on stderr that a folder will be created, in case its path is a typing mistake. */
export function noteNewFolder(folder: string): void {
  if (!existsSync(folder)) console.error(`creating the folder ${folder}`);
}
