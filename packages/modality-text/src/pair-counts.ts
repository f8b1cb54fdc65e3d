/** Counts of adjacent pairs of token ids in words, updated incrementally as pairs are merged. */
import { MergeQueue, type PairCount } from './merge-queue.js';

/** A word of the corpus: its current ids, and its number of occurrences. */
export interface Word {
  ids: number[];
  readonly count: number;
}

interface Pair {
  count: number;
  /** All words that contain the pair, and possibly some that no longer do. */
  readonly words: Set<Word>;
}

/** Counts of adjacent ids over all words. {@link PairCounts.merge} only visits the words that it changes. */
export class PairCounts {
  readonly #pairs = new Map<number, Pair>();
  // Counts in the queue can be too high; they are corrected when they are popped.
  readonly #queue = new MergeQueue();

  constructor(words: Iterable<Word>) {
    for (const word of words) this.#count(word, 1);
    for (const [key, { count }] of this.#pairs) this.#queue.push({ ...pairOf(key), count });
  }

  /** Removes and returns the most frequent pair (of ties, the one with the lowest ids); undefined if there is none. */
  takeMostFrequent(): PairCount | undefined {
    for (;;) {
      const candidate = this.#queue.pop();
      if (candidate === undefined) return undefined;
      const count = this.#pairs.get(keyOf(candidate.left, candidate.right))?.count ?? 0;
      if (count === candidate.count) return candidate;
      if (count > 0) this.#queue.push({ ...candidate, count });
    }
  }

  /** Replaces a pair by one id in all words. */
  merge({ left, right }: PairCount, merged: number): void {
    const changed = new Set<number>();
    for (const word of this.#pairs.get(keyOf(left, right))?.words ?? []) {
      const ids = mergeIds(word.ids, left, right, merged);
      if (ids.length === word.ids.length) continue;
      this.#count(word, -1);
      word.ids = ids;
      this.#count(word, 1);
      for (let i = 1; i < ids.length; i++) {
        if (ids[i - 1] === merged || ids[i] === merged) changed.add(keyOf(ids[i - 1], ids[i]));
      }
    }
    this.#pairs.delete(keyOf(left, right));
    for (const key of changed) this.#queue.push({ ...pairOf(key), count: this.#pairs.get(key)!.count });
  }

  #count(word: Word, sign: 1 | -1): void {
    for (let i = 1; i < word.ids.length; i++) {
      const key = keyOf(word.ids[i - 1], word.ids[i]);
      let pair = this.#pairs.get(key);
      if (pair === undefined) this.#pairs.set(key, (pair = { count: 0, words: new Set() }));
      pair.count += sign * word.count;
      pair.words.add(word);
    }
  }
}

function mergeIds(ids: readonly number[], left: number, right: number, merged: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === left && ids[i + 1] === right) {
      result.push(merged);
      i++;
    } else {
      result.push(ids[i]);
    }
  }
  return result;
}

// Two ids in one number: a cheaper key than a string, and exact below 2 ** 53.
const ID_LIMIT = 2 ** 26;

function keyOf(left: number, right: number): number {
  return left * ID_LIMIT + right;
}

function pairOf(key: number): { left: number; right: number } {
  return { left: Math.floor(key / ID_LIMIT), right: key % ID_LIMIT };
}
