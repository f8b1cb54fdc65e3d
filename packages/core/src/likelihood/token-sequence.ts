import { TransfusionError } from '@transfusion/errors';

/** A sequence of tokens whose end is scored. */
export interface TokenSequence {
  /** Ids of the vocabulary, at most as many as the model sees at a time. */
  readonly ids: Int32Array;
  /** Number of ids at the beginning that are context, not scored: at least 1, such as BOS. */
  readonly contextLength: number;
}

/** Likelihood of each scored token, given all before it. */
export interface TokenScores {
  /** Natural logarithms of the probabilities. */
  readonly logProbs: Float32Array;
  /** 1 where the token is the most likely one, else 0. */
  readonly isGreedy: Uint8Array;
}

/** @throws TransfusionError `invalid-argument` for an id out of range, or a sequence without context or scored ids */
export function checkSequence({ ids, contextLength }: TokenSequence, vocabSize: number, index: number): void {
  const outside = ids.find((id) => id < 0 || id >= vocabSize);
  if (outside !== undefined) {
    throw new TransfusionError(
      'invalid-argument',
      `token scorer: sequence ${index} has the id ${outside}, expected 0 to ${vocabSize - 1}. Use ids of the model's vocabulary.`,
    );
  }
  if (Number.isInteger(contextLength) && contextLength >= 1 && contextLength < ids.length) return;
  throw new TransfusionError(
    'invalid-argument',
    `token scorer: sequence ${index} has ${ids.length} ids of which ${contextLength} are context, expected at least one of context and one more. Begin with BOS.`,
  );
}
