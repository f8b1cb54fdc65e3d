import type { Modality } from '@transfusion/modality';
import { writeValues } from '@transfusion/runs';

/** Writes values of a modality into files (see `writeValues`) and prints the paths written. */
export async function writeAndPrint(
  modality: Modality,
  values: readonly unknown[],
  path: string,
): Promise<void> {
  for (const file of await writeValues(modality, values, path)) console.log(file);
}
