/** Opens a data set by its path, guessing the format from the path and the files' extensions. */
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { DocumentSource } from '../document-source.js';
import { captionedFolder, fileTable } from './captioned-folder.js';
import { readMetadata } from './file-metadata.js';
import { listModalities, type FileModalities, type FileModality } from './file-modality.js';
import { jsonlDocuments } from './jsonl-documents.js';
import { listFiles } from './list-files.js';
import { readSlice, checkedFileSize } from './read-file.js';
import { indexTar } from './tar-index.js';
import { textDocuments } from './text-documents.js';
import { keyAndExtension, webDataset } from './web-dataset.js';

/** Extensions of caption files, whatever the modality. */
const CAPTION_EXTENSIONS = { folder: ['.txt', '.csv', '.jsonl'], tar: ['.txt', '.json'] };

/**
 * Opens a data set by its path: a folder as files with captions beside them and a `.tar` as WebDataset (the modality is
 * the one that reads the files' extensions), a `.jsonl` as texts, segments or a table of captioned files (so is a
 * `.csv`), any other file as plain text.
 *
 * @throws TransfusionError `not-found` if nothing is at the path, `invalid-file` if no modality reads its files,
 *   `invalid-argument` if several do, or for `.parquet` and `.json`, which need options
 */
export async function openDocuments(path: string, modalities: FileModalities): Promise<DocumentSource> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) {
    throw new TransfusionError('not-found', `${path}: there is no such file or folder. Fix the path.`);
  }
  const known = listModalities(modalities);
  if (stats.isDirectory()) {
    const extensions = (await listFiles(path)).map((name) => extname(name).toLowerCase());
    return captionedFolder(path, {
      modality: soleModality(path, extensions, known, CAPTION_EXTENSIONS.folder),
    });
  }
  switch (extname(path).toLowerCase()) {
    case '.tar': {
      const { members, problem } = await indexTar(path);
      const extensions = members.flatMap(({ name }) => keyAndExtension(name)?.[1] ?? []);
      if (extensions.length === 0 && problem !== undefined) {
        throw new TransfusionError('invalid-file', `${path}: ${problem}`);
      }
      return webDataset([path], { modality: soleModality(path, extensions, known, CAPTION_EXTENSIONS.tar) });
    }
    case '.jsonl': {
      const line = await readFirstLine(path);
      if (line.includes('"segments"')) return jsonlDocuments(path, { modalities });
      return line.includes('"file_name"') ? openTable(path, known) : textDocuments(path);
    }
    case '.csv':
      return (await readFirstLine(path)).includes('file_name') ? openTable(path, known) : textDocuments(path);
    case '.parquet':
    case '.json':
      throw new TransfusionError(
        'invalid-argument',
        `${path}: its path does not say which columns or files to read. Open it with parquetDocuments or cocoCaptions, in a recipe file.`,
      );
    default:
      return textDocuments(path);
  }
}

/** Returns the one modality that reads files of these extensions, apart from caption files. */
function soleModality(
  path: string,
  extensions: readonly string[],
  modalities: readonly FileModality[],
  captionExtensions: readonly string[],
): FileModality {
  const captioned = new Set(extensions.filter((extension) => !captionExtensions.includes(extension)));
  const readable = modalities.filter(({ media }) =>
    media?.extensions.some((extension) => captioned.has(extension)),
  );
  if (readable.length === 1) return readable[0];
  if (readable.length > 1) {
    throw new TransfusionError(
      'invalid-argument',
      `${path}: has files of ${readable.map(({ name }) => `'${name}'`).join(' and ')}, expected one modality. ` +
        'Open it with captionedFolder or webDataset and one of them, in a recipe file.',
    );
  }
  const expected = modalities.flatMap(({ name, media }) =>
    media === undefined ? [] : [`${media.extensions.join(', ')} ('${name}')`],
  );
  throw new TransfusionError(
    'invalid-file',
    `${path}: found no files of a known modality, expected ${expected.join('; ') || 'none: no modality has media'}. ` +
      'Is this the right path?',
  );
}

/** Opens a table of captioned files, whose extensions give their modality. */
async function openTable(path: string, modalities: readonly FileModality[]): Promise<DocumentSource> {
  const extensions = (await readMetadata(path)).flatMap((row) => {
    try {
      return extname(row.read().fileName).toLowerCase();
    } catch {
      return [];
    }
  });
  return fileTable(path, { modality: soleModality(path, extensions, modalities, []) });
}

/** The first line says within these bytes what it is. */
const FIRST_LINE_BYTES = 1 << 20;

async function readFirstLine(path: string): Promise<string> {
  const size = await checkedFileSize(path, path, Infinity);
  const start = await readSlice(path, 0, Math.min(size, FIRST_LINE_BYTES));
  return new TextDecoder().decode(start).trimStart().split('\n', 1)[0];
}
