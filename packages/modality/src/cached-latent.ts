import type { Latent } from './latent.js';

/** A latent that stands in a document for the value that it was encoded from. */
export interface CachedLatent {
  readonly kind: 'cached-latent';
  /** The `id` of the codec that encoded it; a document with another codec's latents is refused. */
  readonly codec: string;
  readonly latent: Latent;
}

/** Returns true for a segment's value that is a latent. */
export function isCachedLatent(value: unknown): value is CachedLatent {
  return (value as Partial<CachedLatent> | null | undefined)?.kind === 'cached-latent';
}
