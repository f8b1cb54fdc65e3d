import { existsSync } from 'node:fs';
import { openDocuments, type DocumentSource } from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import { imageMedia } from '@transfusion/modality-image';

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
  return openDocuments(path, [{ name: 'image', media: imageMedia() }]);
}
