/** Opens data by its path alone, as far as a path can say what is in it. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import {
  imageFolder,
  jsonlDocuments,
  textDocuments,
  webDataset,
  type DocumentSource,
} from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import { decodeImage } from '@transfusion/modality-image';

const decode = { image: (bytes: Uint8Array) => decodeImage(bytes) };

/**
 * A folder is one of images with captions beside them; `.tar` is WebDataset; `.jsonl` has texts or
 * segments; anything else is plain text.
 *
 * @throws TransfusionError if there is nothing at the path, or the path cannot say enough
 */
export async function openDataFiles(path: string): Promise<DocumentSource> {
  if (!existsSync(path)) {
    throw new TransfusionError('not-found', `${path}: there is no such recipe, file or folder.`);
  }
  if (statSync(path).isDirectory()) return imageFolder(path, { decode });
  switch (extname(path).toLowerCase()) {
    case '.tar':
      return webDataset([path], { decode });
    case '.jsonl':
      return (await firstLineHas(path, 'segments')) ? jsonlDocuments(path, { decode }) : textDocuments(path);
    case '.parquet':
    case '.json':
      throw new TransfusionError(
        'invalid-argument',
        `${path}: the file alone does not say which columns or images to take. Name them in a recipe file, and check that.`,
      );
    default:
      return textDocuments(path);
  }
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
