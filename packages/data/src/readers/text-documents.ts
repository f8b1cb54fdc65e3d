import { extname } from 'node:path';
import type { DocumentSource } from '../document-source.js';
import { checkJsonLines } from './check-json-lines.js';
import { parseJson } from './decode-text.js';
import { indexedSource } from './indexed-source.js';
import { badRecord, formatValue } from './record-errors.js';
import { indexText } from './text-index.js';

/**
 * Reads text-only documents. A `.jsonl` file has one per line, `{"text": "…"}` (as C4 and many other data sets; other
 * fields are ignored). Any other file is plain text, with a blank line between documents.
 *
 * @throws TransfusionError `invalid-file` if the file cannot be read, or is empty
 */
export async function textDocuments(path: string): Promise<DocumentSource> {
  const isJsonl = extname(path).toLowerCase() === '.jsonl';
  const index = await indexText(path, isJsonl ? 'line' : 'paragraph');
  if (isJsonl) await checkJsonLines(path, index);
  return indexedSource({
    name: path,
    length: index.length,
    locate: (i) => `${path}:${index.line(i)}`,
    files: () => [path],
    readSegments: async (i) => {
      const piece = await index.read(i);
      const text = isJsonl ? textField(parseJson(piece, 'the line')) : piece.replaceAll('\r\n', '\n');
      return [{ modality: 'text', value: text }];
    },
  });
}

function textField(record: unknown): string {
  const text = (record as { text?: unknown } | null)?.text;
  if (typeof text !== 'string') {
    throw badRecord(`'text' is ${formatValue(text)}, expected {"text": "…"}.`);
  }
  if (text.trim() === '') throw badRecord('the text is empty. Remove the line.');
  return text;
}
