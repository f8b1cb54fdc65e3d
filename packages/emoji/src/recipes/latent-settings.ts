/** Settings that the recipes for 64 × 64 pixels share, on latents or tokens of an autoencoder. */
import { join } from 'node:path';

/** Side of the images in pixels. */
export const LATENT_IMAGE_SIZE = 64;

/** Folder of the latent cache. */
export const DEFAULT_CACHE = join('runs', 'emoji-latents', 'cache');

/** A transformer of 7.6 million parameters. */
export const LATENT_TRANSFORMER = { modelDim: 320, numLayers: 6, numHeads: 5, ffnDim: 896, qkNorm: true };

/** Returns the optimizer's settings for a run of this length. */
export function latentOptimizer(totalSteps: number) {
  return {
    learningRate: 1.5e-3,
    warmupSteps: Math.min(100, Math.floor(totalSteps / 20)),
    weightDecay: 0.05,
    beta2: 0.98,
    emaDecay: 0.998,
  };
}
