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

/** The content of a `tokenizer.json` with a BPE model. */
export interface TokenizerJson {
  readonly added_tokens: readonly AddedToken[];
  readonly normalizer: TokenizerStep | null;
  readonly pre_tokenizer: TokenizerStep | null;
  readonly decoder: TokenizerStep | null;
  readonly model: BpeModel;
  readonly [setting: string]: unknown;
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Validates the content of a `tokenizer.json`.
 *
 * @throws TransfusionError `invalid-file` if it is not a tokenizer with a consistent BPE model
 */
export function parseTokenizerJson(value: unknown, where: string): TokenizerJson {
  const fail = (problem: string): never => invalidTokenizer(where, problem);
  if (!isObject(value) || !isObject(value['model'])) {
    return fail('found no "model", expected the content of a Hugging Face tokenizer.json');
  }
  const { model, added_tokens = [], normalizer = null, pre_tokenizer = null, decoder = null } = value;
  if (!Array.isArray(added_tokens) || !added_tokens.every(isAddedToken)) {
    return fail('"added_tokens" is not a list of { id, content, special }');
  }
  if (!isBpeModel(model, fail)) return fail('the model is not a BPE model');
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
    `${where}: ${problem}. Use a BPE tokenizer.json like that of GPT-2, Llama 2 or Llama 3.`,
    { cause },
  );
}

/** Returns a merge as a pair, in either notation. */
export function mergePair(merge: string | readonly [string, string]): readonly [string, string] {
  if (typeof merge !== 'string') return merge;
  const space = merge.indexOf(' ');
  return [merge.slice(0, space), merge.slice(space + 1)];
}

function isBpeModel(model: JsonObject, fail: (problem: string) => never): model is BpeModel {
  const { type, vocab, merges, unk_token, continuing_subword_prefix, end_of_word_suffix } = model;
  if (type !== 'BPE') fail(`the model's type is ${JSON.stringify(type)}, expected "BPE"`);
  if (continuing_subword_prefix || end_of_word_suffix) {
    fail('the model marks subwords by a prefix or a suffix, which is not supported');
  }
  if (!isObject(vocab) || !Object.values(vocab).every(isId)) fail('"model.vocab" does not map tokens to ids');
  if (!Array.isArray(merges) || !merges.every(isMerge)) return fail('"model.merges" is not a list of pairs');
  const tokens = new Set(Object.keys(vocab as JsonObject));
  for (const [left, right] of merges.map(mergePair)) {
    const missing = [left, right, left + right].find((token) => !tokens.has(token));
    if (missing !== undefined) {
      fail(
        `the merge of "${left}" and "${right}" requires the token "${missing}", which is missing in "model.vocab"`,
      );
    }
  }
  if (unk_token != null && !tokens.has(String(unk_token)))
    fail(`unk_token ${unk_token} is missing in "model.vocab"`);
  return true;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
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
