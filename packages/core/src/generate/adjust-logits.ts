/** Changes of logits that name tokens, or depend on those of the document; `sampleToken` does the others. */
import { TransfusionError } from '@transfusion/errors';
import type { Vocabulary } from '@transfusion/modality';
import type { GrowingSequence } from './growing-sequence.js';
import type { LogitBias } from './sample-token.js';

/**
 * Applies the request's `repetitionPenalty`, then its `logitBias`, in place. Logits of -Infinity stay so.
 *
 * @throws TransfusionError `invalid-argument` if `logitBias` forbids all tokens that could come next
 */
export function adjustLogits(vocabulary: Vocabulary, sequence: GrowingSequence, logits: Float32Array): void {
  const { repetitionPenalty = 1, logitBias = [] } = sequence.request.tokenSampling ?? {};
  if (repetitionPenalty !== 1) penalize(logits, seenTokens(vocabulary, sequence), repetitionPenalty);
  addBias(vocabulary, logits, logitBias);
}

function penalize(logits: Float32Array, ids: ReadonlySet<number>, penalty: number): void {
  for (const id of ids) logits[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
}

function addBias(vocabulary: Vocabulary, logits: Float32Array, biases: readonly LogitBias[]): void {
  for (const { modality, id, bias } of biases) logits[vocabulary.tokensOf(modality).start + id] += bias;
  if (!biases.some(({ bias }) => bias === -Infinity) || logits.some((logit) => logit !== -Infinity)) return;
  throw new TransfusionError(
    'invalid-argument',
    'generate: logitBias forbids every token that may come next, expected at least one to be possible. ' +
      'Give one of them a finite bias, or let the document end with a smaller minTokens.',
  );
}

/** Returns the distinct tokens of discrete modalities in a document; elements of spans have no tokens. */
function seenTokens(vocabulary: Vocabulary, { ids, spans }: GrowingSequence): ReadonlySet<number> {
  const seen = new Set<number>();
  let position = 0;
  for (const { start, length } of [...spans, { start: ids.length, length: 0 }]) {
    for (; position < start; position++) seen.add(ids[position]);
    position += length;
  }
  let first = 0;
  for (const { kind, size } of vocabulary.entries) {
    if (kind !== 'tokens') for (let id = first; id < first + size; id++) seen.delete(id);
    first += size;
  }
  return seen;
}
