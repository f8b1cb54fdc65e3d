import { TransfusionError } from '@transfusion/errors';

/** A caption that a model wrote, and those that are right. */
export interface CaptionSample {
  readonly candidate: string;
  /** One or more. */
  readonly references: readonly string[];
}

/** Scores of captions. */
export interface CaptionScores {
  /** Of all samples. */
  readonly mean: number;
  /** One for each sample, in order. */
  readonly scores: readonly number[];
}

export function meanScore(scores: readonly number[]): CaptionScores {
  return { mean: scores.reduce((sum, score) => sum + score, 0) / scores.length, scores };
}

/** @throws TransfusionError `invalid-argument` for fewer samples than `atLeast`, or one without references */
export function checkSamples(where: string, samples: readonly CaptionSample[], atLeast: number): void {
  if (samples.length < atLeast) {
    throw new TransfusionError(
      'invalid-argument',
      `${where}: there are ${samples.length} samples, expected ${atLeast} or more.`,
    );
  }
  samples.forEach(({ references }, index) => {
    if (references.length > 0) return;
    throw new TransfusionError(
      'invalid-argument',
      `${where}: sample ${index} has no references, expected one or more.`,
    );
  });
}
