/** Opens data by its path alone, as far as a path can say what is in it. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { TransfusionError } from '@transfusion/errors';
import type { DocumentSource } from '../document-source.js';
import { captionedFolder } from './captioned-folder.js';
import { filesBelow } from './dataset-files.js';
import { listModalities, type FileModalities, type FileModality } from './file-modality.js';
import { jsonlDocuments } from './jsonl-documents.js';
import { indexTar } from './tar-index.js';
import { textDocuments } from './text-documents.js';
import { keyAndExtension, webDataset } from './web-dataset.js';

/** Extensions of the files that hold captions, whatever is captioned. */
const CAPTIONS = { folder: ['.txt'], tar: ['.txt', '.json'] };

/**
 * Opens a data set by its path: a folder is one of files with captions beside them, `.tar` is WebDataset (of the
 * modality whose extensions the files have), `.jsonl` has texts or segments, anything else is plain text.
 *
 * @throws TransfusionError `not-found` if there is nothing at the path, `invalid-file` if no modality reads its files,
 *   `invalid-argument` if several do, or the path alone does not say enough
 */
export async function openDocuments(path: string, modalities: FileModalities): Promise<DocumentSource> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new TransfusionError('not-found', `${path}: there is no such file or folder. Mend the path.`);
  }
  const known = listModalities(modalities);
  if (found.isDirectory()) {
    const extensions = (await filesBelow(path)).map((name) => extname(name).toLowerCase());
    return captionedFolder(path, { modality: soleModality(path, extensions, known, CAPTIONS.folder) });
  }
  switch (extname(path).toLowerCase()) {
    case '.tar': {
      const extensions = (await indexTar(path)).members.flatMap(
        ({ name }) => keyAndExtension(name)?.[1] ?? [],
      );
      return webDataset([path], { modality: soleModality(path, extensions, known, CAPTIONS.tar) });
    }
    case '.jsonl':
      return (await firstLineHas(path, 'segments'))
        ? jsonlDocuments(path, { modalities })
        : textDocuments(path);
    case '.parquet':
    case '.json':
      throw new TransfusionError(
        'invalid-argument',
        `${path}: the path alone does not say which columns or files to read. Open it with parquetDocuments or cocoCaptions, in a recipe file, say.`,
      );
    default:
      return textDocuments(path);
  }
}

/** Returns the modality that reads files of these extensions, other than those of captions. */
function soleModality(
  path: string,
  extensions: readonly string[],
  modalities: readonly FileModality[],
  captions: readonly string[],
): FileModality {
  const captioned = new Set(extensions.filter((extension) => !captions.includes(extension)));
  const readable = modalities.filter(({ media }) =>
    media?.extensions.some((extension) => captioned.has(extension)),
  );
  if (readable.length === 1) return readable[0];
  if (readable.length > 1) {
    throw new TransfusionError(
      'invalid-argument',
      `${path}: holds files of ${readable.map(({ name }) => `'${name}'`).join(' and ')}, expected one modality. ` +
        'Open it with captionedFolder or webDataset and one of them, in a recipe file, say.',
    );
  }
  const expected = modalities.flatMap(({ name, media }) =>
    media === undefined ? [] : [`${media.extensions.join(', ')} ('${name}')`],
  );
  throw new TransfusionError(
    'invalid-file',
    `${path}: found no files of a modality, expected ${expected.join('; ') || 'none, for no modality has media'}. ` +
      'Is this the right path?',
  );
}

async function firstLineHas(path: string, field: string): Promise<boolean> {
  const input = createReadStream(path, 'utf8');
  try {
    for await (const line of createInterface({ input })) {
      if (line.trim() !== '') return line.includes(`"${field}"`);
    }
    return false;
  } finally {
    input.destroy();
  }
}
