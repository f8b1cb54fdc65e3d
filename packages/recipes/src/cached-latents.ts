import { cacheLatents, type DocumentSource } from '@transfusion/data';
import type { ContinuousModality } from '@transfusion/modality';
import type { Preparation } from './recipe.js';

/** The source with latents from a cache, which is filled first. */
export function cachedLatents(
  source: DocumentSource,
  modality: ContinuousModality,
  directory: string,
  preparation: Preparation = {},
): Promise<DocumentSource> {
  return cacheLatents(source, {
    modality,
    directory,
    signal: preparation.signal,
    onProgress: (done, total) => preparation.onProgress?.(source.name, done, total),
  });
}
