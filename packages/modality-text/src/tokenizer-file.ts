import { readFile, writeFile } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/errors';
import { createJsonTokenizer, type JsonTokenizer } from './json-tokenizer.js';
import { readTokenizer, writeTokenizer } from './tokenizer-bytes.js';
import { parseTokenizerJson, type TokenizerJson } from './tokenizer-json.js';

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

/** Writes a tokenizer as a Hugging Face `tokenizer.json`. */
export async function saveTokenizer(tokenizer: JsonTokenizer, path: string | URL): Promise<void> {
  await writeFile(path, writeTokenizer(tokenizer));
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
