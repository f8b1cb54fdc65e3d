import { existsSync } from 'node:fs';
import { openDocuments, type DocumentSource } from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import { decodeImage } from '@transfusion/modality-image';

const image = {
  name: 'image',
  media: {
    extensions: ['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff', '.avif', '.svg'],
    decode: (bytes: Uint8Array) => decodeImage(bytes),
  },
};

/**
 * Opens data by its path alone: a folder is one of images with captions beside them; `.tar` is WebDataset; `.jsonl`
 * has texts or segments; anything else is plain text.
 *
 * @throws TransfusionError if there is nothing at the path, or the path cannot say enough
 */
export async function openDataFiles(path: string): Promise<DocumentSource> {
  if (!existsSync(path)) {
    throw new TransfusionError('not-found', `${path}: there is no such recipe, file or folder.`);
  }
  return openDocuments(path, [image]);
}
