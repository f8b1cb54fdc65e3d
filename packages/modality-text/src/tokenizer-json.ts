/** Types and validation of the parts of Hugging Face's `tokenizer.json` that this package reads. */
import { TransfusionError } from '@transfusion/errors';

/** A step of a `tokenizer.json`: a normalizer, a pre-tokenizer or a decoder. */
export interface TokenizerStep {
  readonly type: string;
  readonly [setting: string]: unknown;
}

/** A token besides those of the model; `special` ones are control tokens rather than text. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  readonly [setting: string]: unknown;
}

/** A BPE model: ids of tokens, and the pairs to merge, in order of priority. */
export interface BpeModel {
  readonly type: 'BPE';
  readonly vocab: Readonly<Record<string, number>>;
  /** Pairs of tokens; older files join them with a space. */
  readonly merges: readonly (string | readonly [string, string])[];
  readonly unk_token?: string | null;
  readonly [setting: string]: unknown;
}

/** WordPiece (BERT): ids of words and of what continues words, marked by a prefix. */
export interface WordPieceModel {
  readonly type: 'WordPiece';
  readonly vocab: Readonly<Record<string, number>>;
  readonly unk_token: string;
  readonly continuing_subword_prefix: string;
  readonly [setting: string]: unknown;
}

/** Unigram (SentencePiece, T5): pieces with the logarithms of their probabilities; ids are positions in the list. */
export interface UnigramModel {
  readonly type: 'Unigram';
  readonly vocab: readonly (readonly [piece: string, score: number])[];
  readonly unk_id: number;
  readonly [setting: string]: unknown;
}

/** A model of a `tokenizer.json`. */
export type TokenizerModel = BpeModel | WordPieceModel | UnigramModel;

/** The content of a `tokenizer.json`. */
export interface TokenizerJson<Model extends TokenizerModel = TokenizerModel> {
  readonly added_tokens: readonly AddedToken[];
  readonly normalizer: TokenizerStep | null;
  readonly pre_tokenizer: TokenizerStep | null;
  readonly decoder: TokenizerStep | null;
  readonly model: Model;
  readonly [setting: string]: unknown;
}

/** Far above any real vocabulary: models have a row of weights for each id. */
const MAX_ID = 2 ** 24;
const MAX_WORD_LENGTH = 1000;

type JsonObject = Readonly<Record<string, unknown>>;

/** Throws `invalid-file` unless the value is a `tokenizer.json` whose model holds together. */
export function parseTokenizerJson(value: unknown, where: string): TokenizerJson {
  const fail = (problem: string): never => invalidTokenizer(where, problem);
  if (!isObject(value) || !isObject(value['model'])) {
    return fail('found no "model", expected the content of a Hugging Face tokenizer.json');
  }
  const { model, added_tokens = [], normalizer = null, pre_tokenizer = null, decoder = null } = value;
  if (!Array.isArray(added_tokens) || !added_tokens.every(isAddedToken)) {
    return fail('"added_tokens" is not a list of { id, content, special }');
  }
  if (!isModel(model, fail)) return fail('the model is not one');
  const steps = { normalizer, pre_tokenizer, decoder };
  for (const [name, step] of Object.entries(steps)) {
    if (step !== null && !(isObject(step) && typeof step['type'] === 'string')) {
      fail(`"${name}" is neither null nor a step with a "type"`);
    }
  }
  return { ...value, ...(steps as Pick<TokenizerJson, keyof typeof steps>), added_tokens, model };
}

/** Throws the error of a file that is not a supported tokenizer. */
export function invalidTokenizer(where: string, problem: string, cause?: unknown): never {
  throw new TransfusionError(
    'invalid-file',
    `${where}: ${problem}. Give a tokenizer.json of a BPE, WordPiece or Unigram model.`,
    { cause },
  );
}

/** Returns a merge as a pair, in either notation. */
export function mergePair(merge: string | readonly [string, string]): readonly [string, string] {
  if (typeof merge !== 'string') return merge;
  const space = merge.indexOf(' ');
  return [merge.slice(0, space), merge.slice(space + 1)];
}

function isModel(model: JsonObject, fail: (problem: string) => never): model is TokenizerModel {
  switch (model['type']) {
    case 'BPE':
      return checkBpe(model, fail);
    case 'WordPiece':
      return checkWordPiece(model, fail);
    case 'Unigram':
      return checkUnigram(model, fail);
    default:
      return fail(
        `the model's type is ${JSON.stringify(model['type'])}, expected "BPE", "WordPiece" or "Unigram"`,
      );
  }
}

function checkBpe(
  { vocab, merges, unk_token, continuing_subword_prefix, end_of_word_suffix }: JsonObject,
  fail: (problem: string) => never,
): true {
  if (continuing_subword_prefix || end_of_word_suffix) {
    fail('the model marks subwords by a prefix or a suffix, which is not supported');
  }
  const tokens = checkVocab(vocab, fail);
  if (!Array.isArray(merges) || !merges.every(isMerge)) return fail('"model.merges" is not a list of pairs');
  for (const [left, right] of merges.map(mergePair)) {
    const missing = [left, right, left + right].find((token) => !tokens.has(token));
    if (missing !== undefined) {
      fail(
        `the merge of "${left}" and "${right}" requires the token "${missing}", which is missing in "model.vocab"`,
      );
    }
  }
  if (unk_token != null && !tokens.has(String(unk_token)))
    fail(`"model.vocab" lacks unk_token ${String(unk_token)}`);
  return true;
}

function checkWordPiece(
  { vocab, unk_token, continuing_subword_prefix, max_input_chars_per_word: most }: JsonObject,
  fail: (problem: string) => never,
): true {
  const tokens = checkVocab(vocab, fail);
  if (typeof unk_token !== 'string' || !tokens.has(unk_token)) {
    fail(`"model.vocab" lacks unk_token ${String(unk_token)}`);
  }
  if (typeof continuing_subword_prefix !== 'string') fail('"model.continuing_subword_prefix" is not a text');
  // All parts of a word are looked up: longer ones take a time that grows with their square.
  if (most !== undefined && !(isId(most) && most <= MAX_WORD_LENGTH)) {
    fail(`"model.max_input_chars_per_word" is not an integer of at most ${MAX_WORD_LENGTH}`);
  }
  return true;
}

function checkUnigram({ vocab, unk_id }: JsonObject, fail: (problem: string) => never): true {
  if (!Array.isArray(vocab) || vocab.length === 0 || !vocab.every(isPiece)) {
    return fail('"model.vocab" is not a list of pieces with scores');
  }
  if (!isId(unk_id) || unk_id >= vocab.length)
    fail(`"model.unk_id" is ${JSON.stringify(unk_id)}, which is no piece`);
  return true;
}

function checkVocab(vocab: unknown, fail: (problem: string) => never): ReadonlySet<string> {
  if (!isObject(vocab) || !Object.values(vocab).every(isId)) {
    return fail('"model.vocab" does not map tokens to ids');
  }
  return new Set(Object.keys(vocab));
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_ID;
}

function isPiece(value: unknown): value is UnigramModel['vocab'][number] {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && Number.isFinite(value[1])
  );
}

function isAddedToken(value: unknown): value is AddedToken {
  return (
    isObject(value) &&
    isId(value['id']) &&
    typeof value['content'] === 'string' &&
    value['content'] !== '' &&
    typeof value['special'] === 'boolean'
  );
}

function isMerge(value: unknown): value is BpeModel['merges'][number] {
  if (typeof value === 'string') return value.split(' ').length === 2;
  return Array.isArray(value) && value.length === 2 && value.every((token) => typeof token === 'string');
}
