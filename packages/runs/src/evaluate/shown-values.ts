/** Files of the values that an evaluation shows. */
import { basename, join } from 'node:path';
import type { ShownValue } from '@transfusion/evaluators';
import type { Modality, ModalityRegistry } from '@transfusion/modality';
import { writeValues } from '../write-values.js';

/** A value that was shown: its text, or the name of the file that holds it. */
export type StoredValue =
  | { readonly label: string; readonly text: string }
  | { readonly label: string; readonly file: string; readonly mediaType: string };

/** Characters of a label in a file's name. */
const MAX_LABEL = 40;

/**
 * Writes values into files of their modality's media, `<folder>/<index>-<position>-<label>.png`; texts are returned as they
 * are.
 * Values of modalities without media are left out.
 */
export async function storeShownValues(
  modalities: ModalityRegistry,
  folder: string,
  index: number,
  shown: readonly ShownValue[],
): Promise<StoredValue[]> {
  const stored: StoredValue[] = [];
  for (const [position, { label, modality: name, value }] of shown.entries()) {
    if (typeof value === 'string') {
      stored.push({ label, text: value });
      continue;
    }
    const modality: Modality = modalities.get(name);
    if (modality.media === undefined) continue;
    const words = label.replaceAll(/[^\p{L}\p{N}]+/gu, '-').slice(0, MAX_LABEL);
    const path = join(folder, `${String(index).padStart(6, '0')}-${position}-${words}`);
    const [file] = await writeValues(modality, [value], path);
    stored.push({ label, file: basename(file), mediaType: modality.media.mediaType });
  }
  return stored;
}
