import type { Latent } from './latent.js';

/** A latent that replaces, in a document, the value that it was encoded from. */
export interface CachedLatent {
  readonly kind: 'cached-latent';
  /** `id` of the codec that encoded it; latents of a different codec are refused. */
  readonly codec: string;
  readonly latent: Latent;
}

/** Returns true for a cached latent. */
export function isCachedLatent(value: unknown): value is CachedLatent {
  return (value as Partial<CachedLatent> | null | undefined)?.kind === 'cached-latent';
}
