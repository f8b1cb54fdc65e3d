import { checkId, createStreamingDecoder, decodeBytes, type BytesOf } from './byte-decoding.js';
import { createEncoder, type Encode } from './encoder.js';
import { isNormalized } from './added-tokens.js';
import { readNormalizer } from './normalizers.js';
import { readDecoder, type TokenBytes } from './token-bytes.js';
import { tokenizerId } from './tokenizer-id.js';
import type { TokenizerJson, TokenizerModel } from './tokenizer-json.js';
import type { SpecialTokenOptions, Tokenizer } from './tokenizer.js';

/** A tokenizer with a `tokenizer.json`, trained here or read from a file. */
export interface JsonTokenizer<Model extends TokenizerModel = TokenizerModel> extends Tokenizer {
  /** Returns the content of its `tokenizer.json`. */
  toTokenizerJson(): TokenizerJson<Model>;
}

/** @param where its name in error messages, such as the file's path */
export function createJsonTokenizer<Model extends TokenizerModel>(
  json: TokenizerJson<Model>,
  where: string,
): JsonTokenizer<Model> {
  const decoder = readDecoder(json.decoder, where);
  const normalize = readNormalizer(json.normalizer, where);
  const bytes: Uint8Array[] = [];
  const firstBytes: Uint8Array[] = [];
  const add = (id: number, bytesOf: TokenBytes['bytesOf'], token: string): void => {
    bytes[id] = bytesOf(token, false);
    firstBytes[id] = bytesOf(token, true);
  };
  for (const [token, id] of tokensOf(json.model)) add(id, decoder.bytesOf, token);
  for (const token of json.added_tokens) {
    // One that the model has too may be how bytes are written.
    if (json.model.type !== 'Unigram' && json.model.vocab[token.content] === token.id) continue;
    add(token.id, decoder.addedBytesOf, isNormalized(token) ? normalize(token.content) : token.content);
  }
  const vocabSize = bytes.length;
  const specialTokens = new Map(
    json.added_tokens.filter(({ special }) => special).map(({ id, content }) => [content, id]),
  );
  const specialIds = new Set(specialTokens.values());

  const encodeAsText = createEncoder(json, false, where);
  let encodeWithSpecial: Encode | undefined;

  const bytesOf =
    (options: SpecialTokenOptions): BytesOf =>
    (id, isFirst) => {
      checkId(id, vocabSize);
      const isLeftOut = specialIds.has(id) && options.specialTokens !== true;
      // Some files number their tokens with gaps.
      return isLeftOut ? undefined : (isFirst ? firstBytes : bytes)[id];
    };
  return {
    id: tokenizerId(json),
    vocabSize,
    specialTokens,
    encode: (text, options = {}) => {
      if (options.specialTokens !== true) return encodeAsText(text);
      encodeWithSpecial ??= createEncoder(json, true, where);
      return encodeWithSpecial(text);
    },
    decode: (ids, options = {}) => decodeBytes(ids, bytesOf(options), decoder.trim),
    createDecoder: (options = {}) => createStreamingDecoder(bytesOf(options), decoder.trim),
    toTokenizerJson: () => json,
  };
}

function tokensOf(model: TokenizerModel): Iterable<readonly [token: string, id: number]> {
  if (model.type !== 'Unigram') return Object.entries(model.vocab);
  return model.vocab.map(([piece], id) => [piece, id] as const);
}
