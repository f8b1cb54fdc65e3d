/**
 * Encoding by the steps of a `tokenizer.json`, in the order of the reference implementation. The models themselves are
 * those of Hugging Face's JavaScript library.
 */
import { TransfusionError } from '@transfusion/errors';
import { createTokenSplitter, isNormalized } from './added-tokens.js';
import { hasRegex, runWithinTime } from './file-pattern.js';
import { BPE, Unigram, WordPiece } from './huggingface-library.js';
import { readNormalizer } from './normalizers.js';
import { toWellFormed } from './pre-tokenize.js';
import { readPreTokenizer } from './pre-tokenizers.js';
import { utf8 } from './token-bytes.js';
import {
  invalidTokenizer,
  mergePair,
  type AddedToken,
  type TokenizerJson,
  type TokenizerModel,
  type UnigramModel,
} from './tokenizer-json.js';

/** Turns text into ids. */
export type Encode = (text: string) => Int32Array;

/**
 * Makes the encoder. Throws `invalid-file` for steps that are not known.
 *
 * @param special true if special tokens that are written out become their ids; otherwise they are text: of their ids
 *   only that of the unknown token occurs
 */
export function createEncoder(json: TokenizerJson, special: boolean, where: string): Encode {
  try {
    return encoderOf(json, special, where);
  } catch (error) {
    if (TransfusionError.isInstance(error)) throw error;
    return invalidTokenizer(where, 'the model or a step of this tokenizer cannot be made', error);
  }
}

function encoderOf(json: TokenizerJson, special: boolean, where: string): Encode {
  const { added_tokens, normalizer, pre_tokenizer } = json;
  const normalize = readNormalizer(normalizer, where);
  const preTokenize = readPreTokenizer(pre_tokenizer, where);
  const idsOf = createModel(special ? json.model : withoutSpecialTokens(json), where);

  const isText = (token: AddedToken): boolean => token.special && !special;
  const splitRaw = createTokenSplitter(
    added_tokens.filter((token) => !isNormalized(token)),
    ({ content }) => content,
    isText,
  );
  const splitNormalized = createTokenSplitter(
    added_tokens.filter(isNormalized),
    ({ content }) => normalize(content),
    isText,
  );

  const encode = (text: string): Int32Array => {
    const ids: number[] = [];
    for (const outer of splitRaw(toWellFormed(text))) {
      if (outer.token !== undefined) {
        ids.push(outer.token.id);
        continue;
      }
      for (const piece of splitNormalized(normalize(outer.text))) {
        if (piece.token !== undefined) ids.push(piece.token.id);
        else for (const word of preTokenize(piece.text, outer.start + piece.start === 0)) idsOf(word, ids);
      }
    }
    return Int32Array.from(ids);
  };
  if (!hasRegex(normalizer) && !hasRegex(pre_tokenizer)) return encode;
  return (text) => runWithinTime(where, text.length, () => encode(text));
}

/** Returns a function that adds the ids of a word. Words are encoded one by one: unknown characters fuse within them. */
function createModel(model: TokenizerModel, where: string): (word: string, ids: number[]) => void {
  if (model.type === 'Unigram') return unigram(model);
  const library = model.type === 'BPE' ? new BPE(model) : new WordPiece(model);
  const unknown = library.tokens_to_ids.get(model.unk_token ?? '');
  return (word, ids) => {
    for (const token of library([word])) {
      const id = library.tokens_to_ids.get(token) ?? unknown;
      ids.push(
        id ?? invalidTokenizer(where, `found ${JSON.stringify(token)}, for which the model has no token`),
      );
    }
  };
}

function unigram(model: UnigramModel): (word: string, ids: number[]) => void {
  const library = new Unigram(model);
  const idOf = (token: string): number | undefined => library.tokens_to_ids.get(token);
  /** Adds unknown characters, which may be written as their bytes. */
  const addUnknown = (text: string, ids: number[]): void => {
    const bytes =
      model['byte_fallback'] === true ? Array.from(utf8(text), (byte) => idOf(byteToken(byte))) : [];
    const isWritten = bytes.length > 0 && !bytes.includes(undefined) && idOf(text) === undefined;
    for (const id of isWritten ? (bytes as number[]) : [model.unk_id]) ids.push(id);
  };
  return (word, ids) => {
    let unknown = '';
    for (const token of library.tokenize(word)) {
      const id = idOf(token) ?? model.unk_id;
      if (id === model.unk_id) {
        unknown += token;
        continue;
      }
      if (unknown !== '') addUnknown(unknown, ids);
      unknown = '';
      ids.push(id);
    }
    if (unknown !== '') addUnknown(unknown, ids);
  };
}

/** The name of the token of a byte. */
function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
}

/** Returns the model of which no text gives the id of a special token, that of the unknown token excepted. */
function withoutSpecialTokens({ model, added_tokens }: TokenizerJson): TokenizerModel {
  const special = new Set(added_tokens.filter((token) => token.special).map(({ content }) => content));
  if (model.type === 'Unigram') {
    // Ids are positions: the piece becomes one that no well-formed text holds.
    const vocab = model.vocab.map(([piece, score], id): readonly [string, number] =>
      special.has(piece) && id !== model.unk_id ? [`\ud800${id}`, score] : [piece, score],
    );
    return { ...model, vocab };
  }
  // Characters that are not in the vocabulary still need it.
  if (model.unk_token != null) special.delete(model.unk_token);
  const vocab = Object.fromEntries(Object.entries(model.vocab).filter(([token]) => !special.has(token)));
  if (model.type === 'WordPiece') return { ...model, vocab };
  return { ...model, vocab, merges: model.merges.filter((merge) => !special.has(mergePair(merge).join(''))) };
}
