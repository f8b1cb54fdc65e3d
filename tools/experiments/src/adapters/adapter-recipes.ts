/**
 * The same model of emoji with several ways in and out of the transformer: pixels through a linear layer, and the
 * latents of an autoencoder through a linear layer or a U-Net (Transfusion, section 4.3.3, compares the last two).
 */
import { trainingFlops } from '@transfusion/core';
import { flowEuler, logitNormal, velocity } from '@transfusion/diffusion';
import { emojiLatents, emojiPairs, emojiStyles } from '@transfusion/emoji';
import { createModalityRegistry, type LatentCodec } from '@transfusion/modality';
import { image, type RgbImage } from '@transfusion/modality-image';
import { createModel, defineRecipe, type Recipe } from '@transfusion/runs';
import { EMOJI_SIZE, emojiPackages } from '../emoji-set.js';
import type { AdapterSetup } from './adapter-setups.js';

const PIXELS = 'linear, pixels';

/** Lists the adapters that a setup compares, by name in the table. */
export function adapterNames(setup: AdapterSetup): readonly string[] {
  return [PIXELS, ...Object.keys(setup.adapters)];
}

/** Options that the runs share. */
export interface AdapterRecipeOptions {
  readonly setup: AdapterSetup;
  readonly codec: LatentCodec<RgbImage>;
  readonly seed: number;
}

/** Creates the recipe for a compute budget: the cheaper the step, the more steps. */
export function adapterRecipe(name: string, flops: number, options: AdapterRecipeOptions): Recipe {
  return recipeOf(name, stepsFor(recipeOf(name, 1, options), flops), options);
}

/** Counts the floating-point operations of a training step. */
export function stepFlops(recipe: Recipe): number {
  return recipe.batch.microBatches * trainingFlops(createModel(recipe), recipe.batch);
}

function stepsFor(recipe: Recipe, flops: number): number {
  return Math.max(1, Math.round(flops / stepFlops(recipe)));
}

function recipeOf(name: string, totalSteps: number, { setup, codec, seed }: AdapterRecipeOptions): Recipe {
  const { transformer, latentShape, shift, cache, spanCapacity } = setup;
  const patches = name === PIXELS ? undefined : setup.adapters[name];
  const ofLatents = emojiLatents({
    codec,
    latentShape,
    shift,
    cache,
    resolveFrom: emojiPackages,
    styles: emojiStyles,
    transformer,
    totalSteps,
    patchSize: patches?.patchSize,
    adapter: patches?.adapter,
  });
  const capacity = { [`image:${latentShape.join('x')}`]: spanCapacity };
  const recipe =
    patches === undefined
      ? pixelRecipe(ofLatents)
      : { ...ofLatents, batch: { ...ofLatents.batch, numRows: patches.numRows, spanCapacity: capacity } };
  // Scores are computed at the end.
  return { ...recipe, seed, evaluation: undefined, samples: undefined };
}

/**
 * Makes the recipe without the autoencoder. A patch is 8 × 8 pixels, so an image is 64 elements of 192 values,
 * instead of 16 in latents. Rows are longer, to hold as many documents in a batch. The network predicts clean pixels,
 * with the noise levels of Li & He (2025, "Back to Basics"), without which patches this large are not learned.
 */
function pixelRecipe(ofLatents: Recipe): Recipe {
  const images = image({
    latentShapes: [[EMOJI_SIZE, EMOJI_SIZE, 3]],
    patchSize: 8,
    positionEmbedding: 'axial',
    diffusion: flowEuler({
      predictionType: 'sample',
      lossWeighting: velocity(0.2),
      trainingSigmas: logitNormal(0.8, 0.8),
      clipSample: 1,
    }),
  });
  return defineRecipe({
    ...ofLatents,
    name: 'emoji-pixels-64',
    modalities: createModalityRegistry(ofLatents.modalities.get('text'), images),
    sources: () => Object.values(emojiPairs(EMOJI_SIZE, { resolveFrom: emojiPackages, styles: emojiStyles })),
    validation: undefined,
    evaluation: undefined,
    samples: undefined,
    batch: { numRows: 32, rowLength: 240 },
  });
}
