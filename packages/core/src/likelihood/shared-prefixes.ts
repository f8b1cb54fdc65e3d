import type { TokenSequence } from './token-sequence.js';

/** Sequences, one after the other, that begin alike. */
export interface PrefixGroup {
  /** The context but its last id, at which the first scored id is predicted. */
  readonly prefix: Int32Array;
  readonly members: readonly TokenSequence[];
}

/** Groups neighbors whose contexts are the same, but for the last id. */
export function sharedPrefixes(sequences: readonly TokenSequence[]): PrefixGroup[] {
  const groups: { prefix: Int32Array; members: TokenSequence[] }[] = [];
  for (const sequence of sequences) {
    const prefix = sequence.ids.subarray(0, sequence.contextLength - 1);
    const last = groups.at(-1);
    if (last !== undefined && isSame(last.prefix, prefix)) last.members.push(sequence);
    else groups.push({ prefix, members: [sequence] });
  }
  return groups;
}

/** Returns the number of ids that all sequences begin with. */
export function commonLength(sequences: readonly Int32Array[]): number {
  const [first, ...others] = sequences;
  let length = Math.min(...sequences.map((ids) => ids.length));
  for (const ids of others) {
    let same = 0;
    while (same < length && ids[same] === first[same]) same++;
    length = same;
  }
  return length;
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
