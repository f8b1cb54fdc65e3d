import type { Segment } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import { badRecord, found } from './record-errors.js';

/**
 * Chooses one of a record's captions, trimmed; empty ones do not count.
 *
 * @throws TransfusionError `invalid-record` if it is anything but a text or a list of texts, or all are empty
 */
export function chooseCaption(captions: unknown, rng: Rng, what = 'the caption'): string {
  const list: readonly unknown[] = Array.isArray(captions) ? captions : [captions];
  const texts = list.map((caption) => {
    if (typeof caption === 'string') return caption.trim();
    throw badRecord(`${what} is ${found(caption)}, expected a text or a list of texts.`);
  });
  const filled = texts.filter((text) => text !== '');
  if (filled.length === 0) throw badRecord(`${what} is empty. Write one, or leave the record out.`);
  return filled[rng.integer(filled.length)];
}

/** Returns the segments of a captioned file, caption first: a transform of the stream may change the order. */
export function captioned(caption: string, modality: string, value: unknown): readonly Segment[] {
  return [
    { modality: 'text', value: caption },
    { modality, value },
  ];
}
