/** CIDEr-D, Vedantam et al. 2015, "CIDEr: Consensus-based Image Description Evaluation". */
import {
  captionWords,
  checkCaptionSamples,
  type CaptionSample,
  type CaptionScoreOptions,
} from './caption-sample.js';
import { countNgrams, MAX_N, type Ngrams } from './count-ngrams.js';

/** Scores of captions. */
export interface CaptionScores {
  /** Mean over all samples. */
  readonly mean: number;
  /** One per sample, in order. */
  readonly scores: readonly number[];
}

/** Standard deviation of the Gaussian length penalty, in words (section 6). */
const SIGMA = 6;

/**
 * Scores the agreement of captions with their references by n-grams of one to four words, weighted by their
 * rarity in all references, with clipped counts and a length penalty. Scores range from 0 to 10.
 *
 * Words are by default case-insensitive runs of letters and digits; COCO's evaluation uses Penn Treebank tokenization.
 * The rarity of an n-gram depends on all samples, so scores of different sets are not comparable, and a set
 * whose images all have the same references scores 0.
 *
 * @throws TransfusionError `invalid-argument` for fewer than two samples, or one without references
 */
export function ciderD(
  samples: readonly CaptionSample[],
  { tokenize = captionWords }: CaptionScoreOptions = {},
): CaptionScores {
  checkCaptionSamples('ciderD', samples, 2);
  const ngramsOf = (caption: string): Ngrams => countNgrams(tokenize(caption));
  const prepared = samples.map(({ candidate, references }) => ({
    candidate: ngramsOf(candidate),
    references: references.map(ngramsOf),
  }));
  const weightOf = inverseDocumentFrequency(prepared.map(({ references }) => references));
  const scores = prepared.map(({ candidate, references }) => {
    const vector = weigh(candidate, weightOf);
    const similarities = references.map((reference) => similarity(vector, weigh(reference, weightOf)));
    return (10 * similarities.reduce((sum, value) => sum + value)) / references.length;
  });
  return { mean: scores.reduce((sum, score) => sum + score, 0) / scores.length, scores };
}

/** Returns log(images / images with the n-gram in any reference), the last factor of equation 1. */
function inverseDocumentFrequency(images: readonly (readonly Ngrams[])[]): (ngram: string) => number {
  const imageCounts = new Map<string, number>();
  for (const references of images) {
    const inImage = new Set(
      references.flatMap(({ byLength }) => byLength.flatMap((counts) => [...counts.keys()])),
    );
    for (const ngram of inImage) imageCounts.set(ngram, (imageCounts.get(ngram) ?? 0) + 1);
  }
  return (ngram) => Math.log(images.length / Math.max(1, imageCounts.get(ngram) ?? 0));
}

/** TF-IDF vectors of a caption, one for each n. */
interface WeightedNgrams {
  readonly numWords: number;
  readonly byLength: readonly { readonly weights: ReadonlyMap<string, number>; readonly norm: number }[];
}

/**
 * Computes equation 1 without the division by the caption's number of n-grams, which the norm cancels. As in
 * the authors' code, clipping then compares counts.
 */
function weigh({ numWords, byLength }: Ngrams, weightOf: (ngram: string) => number): WeightedNgrams {
  return {
    numWords,
    byLength: byLength.map((counts) => {
      const weights = new Map([...counts].map(([ngram, count]) => [ngram, count * weightOf(ngram)]));
      return { weights, norm: Math.hypot(...weights.values()) };
    }),
  };
}

/**
 * Computes equation 4 for one reference: clipped cosine similarity, averaged over n, times the length
 * penalty.
 */
function similarity(candidate: WeightedNgrams, reference: WeightedNgrams): number {
  const cosines = candidate.byLength.map(({ weights, norm }, index) => {
    const other = reference.byLength[index];
    if (norm === 0 || other.norm === 0) return 0;
    let product = 0;
    for (const [ngram, weight] of weights) {
      const otherWeight = other.weights.get(ngram) ?? 0;
      product += Math.min(weight, otherWeight) * otherWeight;
    }
    return product / (norm * other.norm);
  });
  const penalty = Math.exp(-((candidate.numWords - reference.numWords) ** 2) / (2 * SIGMA ** 2));
  return (penalty * cosines.reduce((sum, cosine) => sum + cosine)) / MAX_N;
}
