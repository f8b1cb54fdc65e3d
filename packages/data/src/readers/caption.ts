import type { Segment } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import { badRecord, found } from './record-errors.js';

/**
 * One of a record's captions, white space around it cut off. Empty ones do not count.
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

/** The segments of a captioned file, caption first: turning the order is a transform of the stream. */
export function captioned(caption: string, modality: string, value: unknown): readonly Segment[] {
  return [
    { modality: 'text', value: caption },
    { modality, value },
  ];
}
