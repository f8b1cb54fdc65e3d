/** A `tokenizer.json` as bytes. */
import { createJsonTokenizer, type JsonTokenizer } from './json-tokenizer.js';
import { invalidTokenizer, parseTokenizerJson } from './tokenizer-json.js';

/** File name of a tokenizer in a checkpoint. */
export const TOKENIZER_FILE = 'tokenizer.json';

/**
 * Parses the bytes of a `tokenizer.json`.
 *
 * @param where the file, for error messages
 */
export function readTokenizer(bytes: Uint8Array, where: string): JsonTokenizer {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    return invalidTokenizer(where, 'is not JSON, expected a Hugging Face tokenizer.json', cause);
  }
  return createJsonTokenizer(parseTokenizerJson(json, where), where);
}

/** Returns the bytes of a tokenizer's `tokenizer.json`. */
export function writeTokenizer(tokenizer: JsonTokenizer): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(tokenizer.toTokenizerJson(), null, 2)}\n`);
}
