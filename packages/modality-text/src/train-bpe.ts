/** Trains byte-level BPE (Sennrich et al. 2016, arXiv:1508.07909; on bytes: GPT-2). */
import { TransfusionError } from '@transfusion/errors';
import { createJsonTokenizer, type JsonTokenizer } from './json-tokenizer.js';
import { BYTE_TO_CHARACTER, byteOfCharacter } from './byte-alphabet.js';
import { PairCounts, type Word } from './pair-counts.js';
import { preTokenize, toWellFormed } from './pre-tokenize.js';
import { utf8 } from './token-bytes.js';
import type { BpeModel } from './tokenizer-json.js';

/** Options of {@link trainBpe}. */
export interface TrainBpeOptions {
  /** Number of ids, including special tokens and the 256 bytes; short texts can result in fewer. */
  readonly vocabSize: number;
  /** Minimum number of occurrences of a pair to be merged; defaults to 2. */
  readonly minFrequency?: number;
  /** Names of control tokens, which no text encodes to. Their ids are 0 to `specialTokens.length` - 1. */
  readonly specialTokens?: readonly string[];
}

/**
 * Trains a byte-level BPE tokenizer: splits texts into words like GPT-2, then repeatedly merges the most frequent pair of
 * tokens. Ties are broken by the lower left id, then the lower right id, so training is deterministic.
 *
 * @throws TransfusionError `invalid-argument` for invalid options, or if all texts are empty
 */
export function trainBpe(texts: Iterable<string>, options: TrainBpeOptions): JsonTokenizer<BpeModel> {
  const { vocabSize, minFrequency = 2, specialTokens = [] } = options;
  checkOptions(vocabSize, minFrequency, specialTokens);

  // Sorted by character, as in the reference trainer: the order breaks ties between pairs.
  const tokens = [...specialTokens, ...BYTE_TO_CHARACTER.toSorted()];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const pairs = new PairCounts(countWords(typeof texts === 'string' ? [texts] : texts, ids));
  const merges: [string, string][] = [];
  while (tokens.length < vocabSize) {
    const pair = pairs.takeMostFrequent();
    if (pair === undefined || pair.count < minFrequency) break;
    const token = tokens[pair.left] + tokens[pair.right];
    if (specialTokens.includes(token)) continue;
    // Different pairs can result in the same token: ab + c and a + bc.
    const id = ids.get(token) ?? tokens.push(token) - 1;
    ids.set(token, id);
    merges.push([tokens[pair.left], tokens[pair.right]]);
    pairs.merge(pair, id);
  }

  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return createJsonTokenizer(
    {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: specialTokens.map(specialToken),
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: null,
      decoder: byteLevel,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(ids),
        merges,
      },
    },
    'trainBpe',
  );
}

function countWords(texts: Iterable<string>, ids: ReadonlyMap<string, number>): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const word of preTokenize(toWellFormed(text))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  if (counts.size === 0) {
    throw invalid('all texts are empty, expected text to train on. Pass other texts.');
  }
  return Array.from(counts, ([word, count]) => ({
    ids: Array.from(utf8(word), (byte) => ids.get(BYTE_TO_CHARACTER[byte])!),
    count,
  }));
}

function specialToken(content: string, id: number) {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

function checkOptions(vocabSize: number, minFrequency: number, specialTokens: readonly string[]): void {
  const atLeast = 256 + specialTokens.length;
  if (!Number.isInteger(vocabSize) || vocabSize < atLeast) {
    throw invalid(
      `vocabSize is ${vocabSize}, expected an integer of at least ${atLeast}: ` +
        `256 bytes and ${specialTokens.length} special tokens.`,
    );
  }
  if (!(minFrequency >= 1)) {
    throw invalid(
      `minFrequency is ${minFrequency}, expected a number of at least 1. Leave it out for the default, 2.`,
    );
  }
  for (const [index, token] of specialTokens.entries()) {
    const problem =
      (token === '' && 'is empty') ||
      (specialTokens.indexOf(token) < index && 'occurs twice') ||
      (byteOfCharacter(token) !== undefined && 'stands for a byte in a tokenizer.json');
    if (problem) {
      throw invalid(`the special token ${JSON.stringify(token)} ${problem}. Name it like "<|end|>".`);
    }
  }
}

function invalid(problem: string): TransfusionError {
  return new TransfusionError('invalid-argument', `trainBpe: ${problem}`);
}
