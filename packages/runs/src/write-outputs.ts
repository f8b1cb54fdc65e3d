import type { Modality } from '@transfusion/modality';
import { writeValues } from './write-values.js';

/**
 * Writes values to a path that a user gave: one file, the modality's sheet of several values, or numbered files. The
 * path may have the extension of the modality's media; else that is added.
 *
 * @returns the paths written
 * @throws TransfusionError `invalid-argument` for a modality without media
 */
export async function writeOutputs(
  modality: Modality,
  values: readonly unknown[],
  path: string,
): Promise<string[]> {
  const extension = modality.media?.extensions[0] ?? '';
  const isNamed = extension !== '' && path.toLowerCase().endsWith(extension);
  return writeValues(modality, values, isNamed ? path.slice(0, -extension.length) : path);
}
