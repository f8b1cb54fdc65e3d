/** A generated caption with its references, and its words. */
import { TransfusionError } from '@transfusion/errors';

/** A generated caption and its references. */
export interface CaptionSample {
  readonly candidate: string;
  /** At least one. */
  readonly references: readonly string[];
}

/** Splits a caption into words. */
export type CaptionTokenizer = (caption: string) => readonly string[];

/** Options of the scores of captions. */
export interface CaptionScoreOptions {
  /** Defaults to {@link captionWords}. */
  readonly tokenize?: CaptionTokenizer;
}

/** Returns the runs of letters and digits of a caption, in lower case and composed (NFC); punctuation is left out. */
export function captionWords(caption: string): readonly string[] {
  return (
    caption
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
  );
}

/** @throws TransfusionError `invalid-argument` for too few samples, or one without references */
export function checkCaptionSamples(where: string, samples: readonly CaptionSample[], minCount = 1): void {
  if (samples.length < minCount) {
    throw new TransfusionError(
      'invalid-argument',
      `${where}: found ${samples.length} samples, expected at least ${minCount}.`,
    );
  }
  samples.forEach(({ references }, index) => {
    if (references.length > 0) return;
    throw new TransfusionError(
      'invalid-argument',
      `${where}: sample ${index} has no references, expected at least one.`,
    );
  });
}
