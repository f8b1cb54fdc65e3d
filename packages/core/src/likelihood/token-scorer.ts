/**
 * Likelihoods of the ends of token sequences. What sequences begin with is computed once, into a cache of keys and values:
 * what all of a batch begin with (the examples of a task, say). What neighbors begin with (the question of several answers)
 * is one row of a call, in which their ends are branches that do not see each other.
 */
import { invariant } from '@transfusion/errors';
import type { CacheRow } from '@transfusion/tfjs-backend-onnxruntime';
import { createStepRunner, type BranchedPiece } from '../generate/engine/step-runner.js';
import type { Transfusion, TransfusionParams } from '../model/transfusion.js';
import { commonLength, sharedPrefixes, type PrefixGroup } from './shared-prefixes.js';
import { compileScoreHead } from './score-graph.js';
import { checkSequence, type TokenScores, type TokenSequence } from './token-sequence.js';

/** Options of {@link createTokenScorer}. */
export interface TokenScorerOptions {
  /** Defaults to true; false computes each sequence from its beginning, to compare with. */
  readonly sharePrefixes?: boolean;
}

/** Scores tokens; see {@link createTokenScorer}. */
export interface TokenScorer {
  /**
   * Scores the ends of sequences, all of them in one batch.
   *
   * @throws TransfusionError `invalid-argument` for ids out of range, or a sequence without context or scored ids
   */
  score(sequences: readonly TokenSequence[]): TokenScores[];
  /** Number of positions that were computed so far. */
  readonly numComputed: number;
  /** Frees the graphs and the cache. */
  dispose(): void;
}

/** Bounds the memory of logits: positions of a call of the head, times the size of the vocabulary. */
const MAX_LOGITS = 2 ** 22;

/** Positions from which copying takes longer than a call of its own. */
const MIN_UNCOPIED = 128;

/**
 * Creates a scorer of tokens. The scores of a sequence do not depend on others, but for rounding.
 *
 * @param params must outlive the scorer
 */
export function createTokenScorer(
  model: Transfusion,
  params: TransfusionParams,
  { sharePrefixes = true }: TokenScorerOptions = {},
): TokenScorer {
  const V = model.vocabulary.size;
  const D = model.transformer.modelDim;
  const runner = createStepRunner(model, params);
  const head = compileScoreHead(model, params);
  const { cache } = runner;
  let numComputed = 0;
  /** Beginning of all sequences of the last batch. */
  let base: { readonly row: CacheRow; readonly ids: Int32Array } = {
    row: cache.add(),
    ids: new Int32Array(),
  };

  /** Adds a row with the first positions of another one. */
  const copyOf = (row: CacheRow, length: number): CacheRow => {
    const copy = cache.add();
    if (length > 0) cache.append(copy, cache.read(row, 0, length), length);
    return copy;
  };
  /** Makes `base` what all groups begin with, from what it was. */
  const rebase = (groups: readonly PrefixGroup[]): void => {
    const ids = groups[0].prefix.subarray(0, commonLength(groups.map(({ prefix }) => prefix)));
    const kept = commonLength([base.ids, ids]);
    const row = kept === base.ids.length ? base.row : copyOf(base.row, kept);
    if (row !== base.row) cache.remove(base.row);
    base = { row, ids: ids.slice() };
    if (kept === ids.length) return;
    runner.appendTokens([{ row, ids: [...ids.subarray(kept)], read: false }]);
    numComputed += ids.length - kept;
  };

  /** Computes the hidden vectors of branches: behind `base` itself, or behind copies of it in one call. */
  const hiddenOfPieces = (pieces: readonly Omit<BranchedPiece, 'row'>[]): Float32Array[][] => {
    if (pieces.length === 1 || base.ids.length >= MIN_UNCOPIED) {
      return pieces.flatMap((piece) => runner.hiddenOfBranches([{ ...piece, row: base.row }]));
    }
    const rows = pieces.map(() => copyOf(base.row, base.ids.length));
    const hidden = runner.hiddenOfBranches(pieces.map((piece, i) => ({ ...piece, row: rows[i] })));
    for (const row of rows) cache.remove(row);
    return hidden;
  };

  /** Computes the hidden vectors at the positions that predict the scored ids. */
  const hiddenOf = (sequences: readonly TokenSequence[]): Float32Array[] => {
    const groups = sharePrefixes ? sharedPrefixes(sequences) : sequences.map(wholeSequence);
    if (sharePrefixes) rebase(groups);
    const pieces = groups.map(({ prefix, members }) => ({
      stem: prefix.subarray(base.ids.length),
      branches: members.map(({ ids }) => ids.subarray(prefix.length, -1)),
    }));
    for (const { stem, branches } of pieces) {
      numComputed += branches.reduce((sum, { length }) => sum + length, stem.length);
    }
    const hidden = hiddenOfPieces(pieces).flat();
    return hidden.map((all, i) => all.subarray(-(sequences[i].ids.length - sequences[i].contextLength) * D));
  };

  /** Scores targets, given the hidden vectors before them. */
  const scoresOf = (hidden: Float32Array, targets: Int32Array): TokenScores => {
    const [logProbs, margins] = [new Float32Array(targets.length), new Float32Array(targets.length)];
    const step = Math.max(1, Math.floor(MAX_LOGITS / V));
    for (let start = 0; start < targets.length; start += step) {
      const end = Math.min(start + step, targets.length);
      const inputs = {
        hidden: hidden.subarray(start * D, end * D),
        targets: targets.subarray(start, end).map((id, i) => i * V + id),
      };
      const outputs = { logProbs: logProbs.subarray(start, end), margins: margins.subarray(start, end) };
      head.run(inputs, { read: end - start }, outputs);
    }
    return { logProbs, isGreedy: Uint8Array.from(margins, (margin) => (margin >= 0 ? 1 : 0)) };
  };

  let isDisposed = false;
  return {
    get numComputed() {
      return numComputed;
    },
    score: (sequences) => {
      invariant(!isDisposed, () => 'a disposed token scorer scores no more');
      sequences.forEach((sequence, i) => checkSequence(sequence, V, i));
      if (sequences.length === 0) return [];
      const targets = sequences.map(({ ids, contextLength }) => ids.subarray(contextLength));
      const all = scoresOf(joinFloats(hiddenOf(sequences)), joinInts(targets));
      let start = 0;
      return targets.map(({ length }) => {
        const [from, to] = [start, (start += length)];
        return { logProbs: all.logProbs.slice(from, to), isGreedy: all.isGreedy.slice(from, to) };
      });
    },
    dispose: () => {
      isDisposed = true;
      head.dispose();
      runner.dispose();
    },
  };
}

/** A sequence as a group of its own, without a beginning that is kept. */
function wholeSequence(sequence: TokenSequence): PrefixGroup {
  return { prefix: new Int32Array(), members: [sequence] };
}

function joinFloats(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const part of parts) {
    joined.set(part, start);
    start += part.length;
  }
  return joined;
}

function joinInts(parts: readonly Int32Array[]): Int32Array {
  return Int32Array.from(parts.flatMap((part) => [...part]));
}
