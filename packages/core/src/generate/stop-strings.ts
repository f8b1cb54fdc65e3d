/** Stop strings: recognizes them in the text that the generated tokens decode to. */
import type { DiscreteModality, Modality } from '@transfusion/modality';
import type { Transfusion } from '../model/transfusion.js';
import type { GrowingSequence } from './growing-sequence.js';

/** Number of tokens to decode beyond a stop string's: half a character at the front, tokens without text. */
const MARGIN = 16;

/**
 * Returns whether the document ends because the text that it ends in, generated without a break, has one of the
 * request's stop strings; false before `minTokens`. Decodes only as many tokens as the longest stop string may have.
 */
export async function endsWithStop(
  { modalities, vocabulary }: Transfusion,
  { request, ids, numTokens, promptLength }: GrowingSequence,
): Promise<boolean> {
  const { stop = [], minTokens = 0 } = request;
  if (stop.length === 0 || numTokens < minTokens) return false;
  const { entry } = vocabulary.at(ids[ids.length - 1]);
  if (entry.kind !== 'tokens') return false;
  const modality = modalities.get(entry.modality) as Modality;
  if (!hasStopStrings(modality)) return false;
  const { start, size } = vocabulary.tokensOf(modality.name);
  const isToken = (id: number): boolean => id >= start && id < start + size;
  // A token with text is at least a byte.
  const numBytes = Math.max(...stop.map((text) => new TextEncoder().encode(text).length));
  let first = ids.length - 1;
  const earliest = Math.max(promptLength, ids.length - numBytes - MARGIN);
  while (first > earliest && isToken(ids[first - 1])) first--;
  const text = await modality.decode(Int32Array.from(ids.slice(first), (id) => id - start));
  return typeof text === 'string' && stop.some((end) => text.includes(end));
}

/** Returns true for a modality whose values are texts. */
export function hasStopStrings(modality: Modality): modality is DiscreteModality {
  return modality.kind === 'discrete' && modality.accepts('');
}
