/** Seeds of calls, and how results report them: in `providerMetadata.transfusion`. */
import type { ImageModelV3ProviderMetadata, SharedV3ProviderMetadata } from '@ai-sdk/provider';

const NUM_SEEDS = 2 ** 32;

/** Returns a seed for a call without one. */
export function randomSeed(): number {
  return Math.floor(Math.random() * NUM_SEEDS);
}

/** Returns the seed of image i of a call, as servers count: `seed + i`, which starts from 0 again at 2^32. */
export function seedOfImage(seed: number, i: number): number {
  return (seed + i) % NUM_SEEDS;
}

/** Reports a call's seed, if it is known. */
export function seedMetadata(seed: number | undefined): { providerMetadata?: SharedV3ProviderMetadata } {
  return seed === undefined ? {} : { providerMetadata: { transfusion: { seed } } };
}

/** Reports the seed of each image. */
export function imageSeedMetadata(seeds: readonly number[]): ImageModelV3ProviderMetadata {
  return { transfusion: { images: seeds.map((seed) => ({ seed })) } };
}
