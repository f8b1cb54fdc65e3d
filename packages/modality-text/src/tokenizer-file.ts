import { readFile, writeFile } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/errors';
import { createBpeTokenizer, type BpeTokenizer } from './bpe-tokenizer.js';
import { invalidTokenizer, parseTokenizerJson, type TokenizerJson } from './tokenizer-json.js';

/**
 * Reads a Hugging Face `tokenizer.json` with a byte-pair model: byte-level (GPT-2, Llama 3) or with byte
 * fallback (Llama 2). Throws `not-found` without the file, and `invalid-file` for anything else than a
 * tokenizer that this package can read.
 *
 * @param source the file's path, or its parsed content
 */
export async function loadTokenizer(source: string | URL | TokenizerJson): Promise<BpeTokenizer> {
  const isFile = typeof source === 'string' || source instanceof URL;
  const where = isFile ? String(source) : 'loadTokenizer';
  const json = parseTokenizerJson(isFile ? await readJson(source) : source, where);
  return createBpeTokenizer(json, where);
}

/** Writes a tokenizer as a Hugging Face `tokenizer.json`. */
export async function saveTokenizer(tokenizer: BpeTokenizer, path: string | URL): Promise<void> {
  await writeFile(path, `${JSON.stringify(tokenizer.toTokenizerJson(), null, 2)}\n`);
}

async function readJson(path: string | URL): Promise<unknown> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new TransfusionError(
      'not-found',
      `loadTokenizer: ${String(path)} cannot be read (${code}). Give the path of a tokenizer.json.`,
      { cause },
    );
  }
  try {
    return JSON.parse(content);
  } catch (cause) {
    return invalidTokenizer(String(path), 'is not JSON, expected a Hugging Face tokenizer.json', cause);
  }
}
