/** The emoji in latents of the shipped autoencoder: what the shipped model was trained on. */
import { join } from 'node:path';
import { cacheLatents, type DocumentSource } from '@transfusion/data';
import type { ContinuousModality } from '@transfusion/modality';
import { openEmoji } from '../emoji-set.js';
import { runsFolder } from '../runs-folder.js';

/** Opens the images of a split. */
export function cachedEmoji(
  image: ContinuousModality,
  split: 'train' | 'validation',
): Promise<DocumentSource> {
  return cacheLatents(openEmoji(split), {
    modality: image,
    directory: join(runsFolder, 'extend', 'cache', split),
  });
}
