/** Scores a stream of token sequences in batches, neighbors of one context together. */
import { createTokenScorer, type TokenScores, type TokenSequence } from '@transfusion/core';
import type { TrainedModel } from '../trained-model.js';

/** Bounds memory: sequences of a batch, and positions of all of them, each as long as the longest. */
const [MAX_SEQUENCES, MAX_POSITIONS] = [32, 8192];

/**
 * Yields the scores of each sequence, in order; the next ones are pulled only after a batch is finished.
 *
 * @param sharePrefixes computes what sequences begin with once
 */
export async function* scoreSequences(
  { model, params }: TrainedModel,
  sequences: AsyncIterable<TokenSequence>,
  sharePrefixes: boolean,
): AsyncGenerator<TokenScores, void> {
  const scorer = createTokenScorer(model, params, { sharePrefixes });
  try {
    for await (const batch of batchesOf(sequences)) yield* scorer.score(batch);
  } finally {
    scorer.dispose();
  }
}

/** Divides sequences into batches, between contexts if one fits. */
async function* batchesOf(sequences: AsyncIterable<TokenSequence>): AsyncGenerator<TokenSequence[], void> {
  let batch: TokenSequence[] = [];
  /** Index in the batch of the first sequence of the last context. */
  let contextStart = 0;
  let longest = 0;
  for await (const sequence of sequences) {
    longest = Math.max(longest, sequence.ids.length);
    if (
      batch.length === MAX_SEQUENCES ||
      (batch.length > 0 && (batch.length + 1) * longest > MAX_POSITIONS)
    ) {
      const end =
        isSameContext(batch[contextStart], sequence) && contextStart > 0 ? contextStart : batch.length;
      yield batch.slice(0, end);
      batch = batch.slice(end);
      contextStart = 0;
      longest = Math.max(sequence.ids.length, ...batch.map(({ ids }) => ids.length));
    }
    if (batch.length > 0 && !isSameContext(batch[contextStart], sequence)) contextStart = batch.length;
    batch.push(sequence);
  }
  if (batch.length > 0) yield batch;
}

function isSameContext(a: TokenSequence, b: TokenSequence): boolean {
  if (a.contextLength !== b.contextLength) return false;
  for (let i = 0; i < a.contextLength; i++) if (a.ids[i] !== b.ids[i]) return false;
  return true;
}
