import { basename } from 'node:path';
import { cacheLatents, type DocumentSource } from '@transfusion/data';
import type { ContinuousModality } from '@transfusion/modality';
import type { Preparation } from '@transfusion/runs';

/** Returns the source with cached latents, after filling the cache; progress is reported under the folder's name. */
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
