/** A part of the emoji, in latents of the shipped autoencoder: what the shipped model was trained on. */
import { join } from 'node:path';
import { cacheLatents, type DocumentSource } from '@transfusion/data';
import type { ContinuousModality } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { openEmoji } from '../emoji-set.js';
import { runsFolder } from '../runs-folder.js';

/** Opens some images of a split, in a random order. */
export function cachedEmoji(
  image: ContinuousModality,
  split: 'train' | 'validation',
  count: number,
): Promise<DocumentSource> {
  const emoji = openEmoji(split);
  const indices = createRng(2).fork(split).permutation(emoji.length).slice(0, count);
  const some: DocumentSource = {
    name: `${indices.length} emoji, ${split}`,
    length: indices.length,
    locate: (index) => emoji.locate(indices[index]),
    read: (index, rng) => emoji.read(indices[index], rng),
  };
  return cacheLatents(some, { modality: image, directory: join(runsFolder, 'extend', 'cache', split) });
}
