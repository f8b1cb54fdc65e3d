import { TransfusionError } from '@transfusion/errors';
import { readWholeFile } from './read-file.js';
import type { TextIndex } from './text-index.js';

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
  if (!isLine && !isJson(Buffer.from(await readWholeFile(path, path)).toString())) return;
  throw new TransfusionError(
    'invalid-file',
    `${path}: is one JSON ${isArray ? 'array' : 'object'}, expected a JSON object on each line. ` +
      `Convert it: jq -c '.${isArray ? '[]' : ''}' old.json > new.jsonl`,
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
