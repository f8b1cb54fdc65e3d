/** Words as sequences of token ids, with the counts of neighboring pairs kept up to date while pairs merge. */
import { MergeQueue, type PairCount } from './merge-queue.js';

/** A word of the corpus: the ids it consists of so far, and how often it occurs. */
export interface Word {
  ids: number[];
  readonly count: number;
}

interface Pair {
  count: number;
  /** Every word that holds the pair, and maybe some that did. */
  readonly words: Set<Word>;
}

/** Counts of neighboring ids over all words; {@link PairCounts.merge} costs as much as the words it changes. */
export class PairCounts {
  readonly #pairs = new Map<number, Pair>();
  // Holds counts as they were: one that has gone down since is put right when it comes up.
  readonly #queue = new MergeQueue();

  constructor(words: Iterable<Word>) {
    for (const word of words) this.#count(word, 1);
    for (const [key, { count }] of this.#pairs) this.#queue.push({ ...pairOf(key), count });
  }

  /** Takes out the most frequent pair (of equals that with the lowest ids); undefined when none is left. */
  takeMostFrequent(): PairCount | undefined {
    for (;;) {
      const candidate = this.#queue.pop();
      if (candidate === undefined) return undefined;
      const count = this.#pairs.get(keyOf(candidate.left, candidate.right))?.count ?? 0;
      if (count === candidate.count) return candidate;
      if (count > 0) this.#queue.push({ ...candidate, count });
    }
  }

  /** Replaces the pair by one id in all words. */
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

// Two ids in one number, which is a cheaper key than a string; exact, for it stays below 2 ** 53.
const ID_LIMIT = 2 ** 26;

function keyOf(left: number, right: number): number {
  return left * ID_LIMIT + right;
}

function pairOf(key: number): { left: number; right: number } {
  return { left: Math.floor(key / ID_LIMIT), right: key % ID_LIMIT };
}
