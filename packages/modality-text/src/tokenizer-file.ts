import { readFile, writeFile } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/errors';
import { createJsonTokenizer, type JsonTokenizer } from './json-tokenizer.js';
import { invalidTokenizer, parseTokenizerJson, type TokenizerJson } from './tokenizer-json.js';

/** File name of a tokenizer in a checkpoint. */
export const TOKENIZER_FILE = 'tokenizer.json';

/**
 * Loads a Hugging Face `tokenizer.json` with a BPE model: byte-level (GPT-2, Llama 3) or with byte fallback (Llama 2).
 *
 * @param source the file's path, or its parsed content
 * @throws TransfusionError `not-found` if the file cannot be read, `invalid-file` for other content
 */
export async function loadTokenizer(source: string | URL | TokenizerJson): Promise<JsonTokenizer> {
  if (typeof source === 'string' || source instanceof URL) {
    return readTokenizer(await readBytes(source), String(source));
  }
  return createJsonTokenizer(parseTokenizerJson(source, 'loadTokenizer'), 'loadTokenizer');
}

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

/** Writes a tokenizer as a Hugging Face `tokenizer.json`. */
export async function saveTokenizer(tokenizer: JsonTokenizer, path: string | URL): Promise<void> {
  await writeFile(path, writeTokenizer(tokenizer));
}

/** Returns the bytes of a tokenizer's `tokenizer.json`. */
export function writeTokenizer(tokenizer: JsonTokenizer): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(tokenizer.toTokenizerJson(), null, 2)}\n`);
}

async function readBytes(path: string | URL): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new TransfusionError(
      'not-found',
      `loadTokenizer: ${String(path)} cannot be read (${code}). Pass the path of a tokenizer.json.`,
      { cause },
    );
  }
}
