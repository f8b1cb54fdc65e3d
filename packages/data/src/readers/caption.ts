import type { Segment } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import { badRecord, formatValue } from './record-errors.js';

/**
 * Chooses one of a record's captions at random, and trims it; empty captions, and null among others, are ignored.
 *
 * @throws TransfusionError `invalid-record`, calling the caption `name`, if it is neither a string nor a list of
 *   strings, or all are empty
 */
export function chooseCaption(captions: unknown, rng: Rng, name = 'the caption'): string {
  const list: readonly unknown[] = Array.isArray(captions) ? captions : [captions];
  const present = list.length > 1 ? list.filter((caption) => caption !== null) : list;
  const trimmed = present.map((caption) => {
    if (typeof caption === 'string') return caption.trim();
    throw badRecord(`${name} is ${formatValue(caption)}, expected a string or a list of strings.`);
  });
  const candidates = trimmed.filter((caption) => caption !== '');
  if (candidates.length === 0) throw badRecord(`${name} is empty. Write one, or remove the record.`);
  return candidates[rng.integer(candidates.length)];
}

/** Returns the segments of a captioned file, caption first; a transform of the stream may reorder them. */
export function captionedSegments(caption: string, modality: string, value: unknown): readonly Segment[] {
  return [
    { modality: 'text', value: caption },
    { modality, value },
  ];
}
