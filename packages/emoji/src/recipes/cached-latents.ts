import { basename } from 'node:path';
import { cacheLatents, type DocumentSource } from '@transfusion/data';
import type { ContinuousModality } from '@transfusion/modality';
import type { Preparation } from '@transfusion/runs';

/** Fills a latent cache and returns the source with cached latents. Reports progress under the folder's name. */
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
    onProgress: (done, total) => preparation.onProgress?.(basename(directory), done, total),
  });
}
