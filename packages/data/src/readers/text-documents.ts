import { extname } from 'node:path';
import type { DocumentSource } from '../document-source.js';
import { toJson } from './dataset-files.js';
import { indexedSource } from './indexed-source.js';
import { badRecord, found } from './record-errors.js';
import { indexText } from './text-index.js';

/**
 * Reads documents of text alone. A file named `.jsonl` has one a line, `{"text": "…"}` (the form of C4 and
 * many others; further fields are ignored). Any other file is plain text: one document a paragraph,
 * with blank lines between them.
 *
 * @throws TransfusionError `invalid-file` if the file cannot be read, or holds nothing
 */
export async function textDocuments(path: string): Promise<DocumentSource> {
  const isJsonl = extname(path).toLowerCase() === '.jsonl';
  const index = await indexText(path, isJsonl ? 'line' : 'paragraph');
  return indexedSource({
    name: path,
    length: index.length,
    locate: (i) => `${path}:${index.line(i)}`,
    files: () => [path],
    segments: async (i) => {
      const piece = await index.read(i);
      const text = isJsonl ? textField(toJson(piece, 'the line')) : piece.replaceAll('\r\n', '\n');
      return [{ modality: 'text', value: text }];
    },
  });
}

function textField(record: unknown): string {
  const text = (record as { text?: unknown } | null)?.text;
  if (typeof text !== 'string') {
    throw badRecord(`'text' is ${found(text)}, expected {"text": "…"}.`);
  }
  if (text.trim() === '') throw badRecord('the text is empty. Leave the line out.');
  return text;
}
