import { checkId, createStreamingDecoder, decodeBytes } from './byte-decoding.js';
import { createEncoder, withoutSpecialTokens, type Encode } from './library-encoder.js';
import { readDecoder, utf8 } from './token-bytes.js';
import { tokenizerId } from './tokenizer-id.js';
import type { TokenizerJson } from './tokenizer-json.js';
import type { SpecialTokenOptions, Tokenizer } from './tokenizer.js';

/** A BPE tokenizer, trained by `trainBpe` or loaded from a file. */
export interface BpeTokenizer extends Tokenizer {
  /** Returns the content of a `tokenizer.json`. */
  toTokenizerJson(): TokenizerJson;
}

/**
 * Creates a tokenizer from the content of a `tokenizer.json`.
 *
 * @param where its name in error messages, such as the file's path
 */
export function createBpeTokenizer(json: TokenizerJson, where: string): BpeTokenizer {
  const decoder = readDecoder(json.decoder, where);
  const bytes: Uint8Array[] = [];
  for (const [token, id] of Object.entries(json.model.vocab)) bytes[id] = decoder.bytesOf(token);
  for (const { id, content } of json.added_tokens) bytes[id] = utf8(content);
  const vocabSize = bytes.length;
  const specialTokens = new Map(
    json.added_tokens.filter(({ special }) => special).map(({ id, content }) => [content, id]),
  );
  const specialIds = new Set(specialTokens.values());

  const encodeAsText = createEncoder(withoutSpecialTokens(json), where);
  let encodeWithSpecial: Encode | undefined;

  const bytesOf = (options: SpecialTokenOptions) => (id: number) => {
    checkId(id, vocabSize);
    const isOmitted = specialIds.has(id) && options.specialTokens !== true;
    // Some files have gaps between ids.
    return (isOmitted ? undefined : bytes[id]) ?? new Uint8Array();
  };
  return {
    id: tokenizerId(json),
    vocabSize,
    specialTokens,
    encode: (text, options = {}) => {
      if (options.specialTokens !== true) return encodeAsText(text);
      encodeWithSpecial ??= createEncoder(json, where);
      return encodeWithSpecial(text);
    },
    decode: (ids, options = {}) => decodeBytes(ids, bytesOf(options), decoder.trim),
    createDecoder: (options = {}) => createStreamingDecoder(bytesOf(options), decoder.trim),
    toTokenizerJson: () => json,
  };
}
