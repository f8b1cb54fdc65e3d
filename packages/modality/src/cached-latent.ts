import type { Latent } from './latent.js';

/** A value that was encoded before: stands in a document where the value would. */
export interface CachedLatent {
  readonly kind: 'cached-latent';
  /** The `id` of the codec that encoded it; a document with another codec's latents is refused. */
  readonly codec: string;
  readonly latent: Latent;
}

/** Whether a segment's value is a latent that was encoded before. */
export function isCachedLatent(value: unknown): value is CachedLatent {
  return (value as Partial<CachedLatent> | null | undefined)?.kind === 'cached-latent';
}
