import { TransfusionError } from '@transfusion/errors';
import { parseJson } from './decode-text.js';
import { checkedFileSize, readWholeFile } from './read-file.js';
import type { TextIndex } from './text-index.js';

/** Size up to which a file is parsed for the hint, in bytes. */
const MAX_PARSED_BYTES = 2 ** 26;

/**
 * Refuses a file of one JSON value over several lines, or of one array: each of its lines would be reported, and none
 * would say why.
 *
 * @throws TransfusionError `invalid-file`
 */
export async function checkJsonLines(path: string, index: TextIndex): Promise<void> {
  if (index.length === 0) return;
  const first = await index.read(0).catch(() => '');
  const isArray = first.startsWith('[');
  if (!isArray && !first.startsWith('{')) return;
  const isLine = isJson(first);
  if (isLine && !(isArray && index.length === 1)) return;
  if (!isLine && !(await isOneValue(path))) return;
  throw new TransfusionError(
    'invalid-file',
    `${path}: is one JSON ${isArray ? 'array' : 'object'}, expected a JSON object on each line. ` +
      `Convert it: jq -c '.${isArray ? '[]' : ''}' old.json > new.jsonl`,
  );
}

/** Returns false for a large file: a damaged first line must not cost the memory of the others. */
async function isOneValue(path: string): Promise<boolean> {
  const size = await checkedFileSize(path, path, Infinity);
  return size <= MAX_PARSED_BYTES && isJson(Buffer.from(await readWholeFile(path, path)).toString());
}

function isJson(text: string): boolean {
  try {
    parseJson(text, 'the text');
    return true;
  } catch {
    return false;
  }
}
