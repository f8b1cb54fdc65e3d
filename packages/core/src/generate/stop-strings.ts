/** Stop strings: recognizes them in the text that the generated tokens decode to. */
import { decodeIds, type DiscreteModality, type Modality } from '@transfusion/modality';
import type { DocumentModel } from './document-model.js';
import type { GrowingSequence } from './growing-sequence.js';

/** Number of tokens to decode beyond a stop string's: half a character at the front, tokens without text. */
const MARGIN = 16;

/**
 * Returns whether the last token completes one of the request's stop strings, in the text that is generated without a
 * break up to it; false before `minTokens`. Decodes only as many tokens as the longest stop string may have.
 */
export async function endsWithStop(
  { modalities, vocabulary }: DocumentModel,
  { request, ids, numTokens, promptLength }: GrowingSequence,
): Promise<boolean> {
  const { stop = [], minTokens = 0 } = request;
  if (stop.length === 0 || numTokens < minTokens) return false;
  const { entry } = vocabulary.at(ids[ids.length - 1]);
  if (entry.kind !== 'tokens') return false;
  const modality = modalities.get(entry.modality) as Modality;
  if (!hasTextValues(modality)) return false;
  const { start, size } = vocabulary.tokensOf(modality.name);
  const isToken = (id: number): boolean => id >= start && id < start + size;
  // A token with text is at least a byte.
  const numBytes = Math.max(...stop.map((text) => new TextEncoder().encode(text).length));
  const earliest = Math.max(promptLength, ids.length - numBytes - MARGIN);
  let first = ids.length - 1;
  while (first > earliest && isToken(ids[first - 1])) first--;
  const tail = Int32Array.from(ids.slice(first), (id) => id - start);
  const text = await decodeIds(modality, tail, 'generate: stop');
  if (typeof text !== 'string' || !stop.some((end) => text.includes(end))) return false;
  const before = (await decodeIds(modality, tail.subarray(0, -1), 'generate: stop')) as string;
  return findStop(text, before, stop) >= 0;
}

/**
 * Returns the index of the first stop string that a generated text has because of its last token, or -1. A text that
 * ends the generation is cut off there to be without it.
 *
 * @param before the text without its last token
 */
export function findStop(text: string, before: string, stop: readonly string[]): number {
  const found = stop
    .map((end) => text.indexOf(end, Math.max(0, before.length - end.length + 1)))
    .filter((index) => index >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** Returns true for a modality whose values are texts. */
export function hasTextValues(modality: Modality): modality is DiscreteModality {
  return modality.kind === 'discrete' && modality.accepts('');
}
