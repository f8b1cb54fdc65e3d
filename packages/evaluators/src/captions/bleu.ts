/**
 * BLEU (Papineni et al. 2002, "BLEU: a method for automatic evaluation of machine translation") as COCO's evaluation computes
 * it: the reference of the closest length (the shorter one of two) counts for the brevity penalty, and a sum of zero becomes
 * a tiny number instead of making the score undefined.
 */
import {
  captionWords,
  checkCaptionSamples,
  type CaptionSample,
  type CaptionScoreOptions,
} from './caption-sample.js';
import { countNgrams, MAX_N } from './count-ngrams.js';

/** Sums of one caption, or of several: the score of a set is that of its sums, not the mean of scores. */
export interface BleuStatistics {
  /** n-grams that are in a reference, of 1 to 4 words; each at most as often as in the reference that has most of it. */
  readonly numMatches: readonly number[];
  /** All n-grams, of 1 to 4 words. */
  readonly numNgrams: readonly number[];
  readonly numWords: number;
  /** Words of the reference of the closest length. */
  readonly numReferenceWords: number;
}

/** Added to the numerator and the denominator of a precision. */
const TINY = 1e-15;
const SMALL = 1e-9;

/**
 * Computes the sums of a caption.
 *
 * @throws TransfusionError `invalid-argument` without references
 */
export function bleuStatistics(
  sample: CaptionSample,
  { tokenize = captionWords }: CaptionScoreOptions = {},
): BleuStatistics {
  checkCaptionSamples('bleuStatistics', [sample]);
  const candidate = countNgrams(tokenize(sample.candidate));
  const references = sample.references.map((reference) => countNgrams(tokenize(reference)));
  const numMatches = candidate.byLength.map((counts, index) => {
    let sum = 0;
    for (const [ngram, count] of counts) {
      const inReferences = references.map(({ byLength }) => byLength[index].get(ngram) ?? 0);
      sum += Math.min(count, Math.max(...inReferences));
    }
    return sum;
  });
  const { numWords } = candidate;
  return {
    numMatches,
    numNgrams: Array.from({ length: MAX_N }, (_, index) => Math.max(0, numWords - index)),
    numWords,
    numReferenceWords: closest(
      numWords,
      references.map((reference) => reference.numWords),
    ),
  };
}

/**
 * Computes BLEU of the sums of captions: the geometric mean of the n-gram precisions, times the brevity penalty (equation 1
 * and section 2.3). From 0 to 1.
 *
 * @param maxN longest n-gram, 1 to 4; defaults to 4, BLEU-4
 */
export function bleuScore(statistics: Iterable<BleuStatistics>, maxN = MAX_N): number {
  const numMatches = new Array<number>(maxN).fill(0);
  const numNgrams = new Array<number>(maxN).fill(0);
  let [numWords, numReferenceWords] = [0, 0];
  for (const sums of statistics) {
    for (let i = 0; i < maxN; i++) {
      numMatches[i] += sums.numMatches[i];
      numNgrams[i] += sums.numNgrams[i];
    }
    numWords += sums.numWords;
    numReferenceWords += sums.numReferenceWords;
  }
  const product = numMatches.reduce(
    (score, count, i) => score * ((count + TINY) / (numNgrams[i] + SMALL)),
    1,
  );
  const ratio = (numWords + TINY) / (numReferenceWords + SMALL);
  const brevityPenalty = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  return brevityPenalty * product ** (1 / maxN);
}

/**
 * Computes BLEU-4 of a set of captions, by its sums (`corpus`), and of each caption alone (`scores`), which is rough: a
 * caption of fewer than four words has no n-gram of four.
 *
 * @throws TransfusionError `invalid-argument` for no samples, or one without references
 */
export function bleu(
  samples: readonly CaptionSample[],
  options: CaptionScoreOptions = {},
): { readonly corpus: number; readonly scores: readonly number[] } {
  checkCaptionSamples('bleu', samples);
  const statistics = samples.map((sample) => bleuStatistics(sample, options));
  return { corpus: bleuScore(statistics), scores: statistics.map((sums) => bleuScore([sums])) };
}

function closest(length: number, lengths: readonly number[]): number {
  return lengths.reduce((best, next) => {
    const difference = Math.abs(next - length) - Math.abs(best - length);
    return difference < 0 || (difference === 0 && next < best) ? next : best;
  });
}
