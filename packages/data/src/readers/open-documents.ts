/** Opens a data set by its path, guessing the format from the path and the files' extensions. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { TransfusionError } from '@transfusion/errors';
import type { DocumentSource } from '../document-source.js';
import { captionedFolder } from './captioned-folder.js';
import { listModalities, type FileModalities, type FileModality } from './file-modality.js';
import { jsonlDocuments } from './jsonl-documents.js';
import { listFiles } from './list-files.js';
import { indexTar } from './tar-index.js';
import { textDocuments } from './text-documents.js';
import { keyAndExtension, webDataset } from './web-dataset.js';

/** Extensions of caption files, whatever the modality. */
const CAPTION_EXTENSIONS = { folder: ['.txt'], tar: ['.txt', '.json'] };

/**
 * Opens a data set by its path: a folder as files with captions beside them and a `.tar` as WebDataset (the modality is
 * the one that reads the files' extensions), a `.jsonl` as texts or segments, any other file as plain text.
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
      const extensions = (await indexTar(path)).members.flatMap(
        ({ name }) => keyAndExtension(name)?.[1] ?? [],
      );
      return webDataset([path], { modality: soleModality(path, extensions, known, CAPTION_EXTENSIONS.tar) });
    }
    case '.jsonl':
      return (await firstLineContains(path, '"segments"'))
        ? jsonlDocuments(path, { modalities })
        : textDocuments(path);
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

async function firstLineContains(path: string, text: string): Promise<boolean> {
  const input = createReadStream(path, 'utf8');
  try {
    for await (const line of createInterface({ input })) {
      if (line.trim() !== '') return line.includes(text);
    }
    return false;
  } finally {
    input.destroy();
  }
}
