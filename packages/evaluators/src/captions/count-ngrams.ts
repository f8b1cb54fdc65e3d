/** Longest n-gram of BLEU-4 and CIDEr-D, in words. */
export const MAX_N = 4;

/** n-gram counts of a caption: `byLength[n - 1]` has those of n words. */
export interface Ngrams {
  readonly numWords: number;
  readonly byLength: readonly ReadonlyMap<string, number>[];
}

/** Counts the n-grams of 1 to 4 words. */
export function countNgrams(words: readonly string[]): Ngrams {
  const byLength = Array.from({ length: MAX_N }, (_, index) => {
    const counts = new Map<string, number>();
    for (let start = 0; start + index < words.length; start++) {
      const ngram = words.slice(start, start + index + 1).join(' ');
      counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
    }
    return counts;
  });
  return { numWords: words.length, byLength };
}
