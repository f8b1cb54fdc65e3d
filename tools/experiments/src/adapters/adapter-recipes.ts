/**
 * The same model of emoji with four ways in and out of the transformer: pixels through a linear layer, and the
 * autoencoder's latents through a linear layer or a U-Net (Transfusion, section 4.3.3, compares the last two), the
 * latter with larger patches, too (as table 6 there does).
 */
import { trainingFlops } from '@transfusion/core';
import { flowEuler, logitNormal, velocity } from '@transfusion/diffusion';
import { emojiStyles } from '@transfusion/emoji';
import { createModalityRegistry, type LatentCodec } from '@transfusion/modality';
import { image, linear, unet, type AdapterFactory, type RgbImage } from '@transfusion/modality-image';
import { createModel, defineRecipe, emojiLatents, emojiPairs, type Recipe } from '@transfusion/recipes';
import { EMOJI_SIZE, emojiPackages } from '../emoji-set.js';

/** The ways, by what the table calls them. */
export const adapterNames = [
  'linear, pixels',
  'linear, latents',
  'U-Net, latents',
  'U-Net, 4x4 latents',
] as const;

/** One of {@link adapterNames}. */
export type AdapterName = (typeof adapterNames)[number];

/** How latents become elements of the sequence, and rows of a batch. */
interface LatentPatches {
  readonly patchSize: 2 | 4;
  readonly adapter: AdapterFactory;
  readonly numRows: number;
}

/**
 * Of the runs on latents. The U-Net has half the channels of the recipe's: a step costs 16 % more than a linear
 * adapter's. With patches of 4 x 4 a picture is 4 elements in place of 16, so that half the rows hold as many
 * documents, and a step costs a quarter less.
 */
const latentPatches: Readonly<Partial<Record<AdapterName, LatentPatches>>> = {
  'linear, latents': { patchSize: 2, adapter: linear(), numRows: 32 },
  'U-Net, latents': { patchSize: 2, adapter: unet({ channels: [64, 128] }), numRows: 32 },
  'U-Net, 4x4 latents': { patchSize: 4, adapter: unet({ channels: [64, 128, 256] }), numRows: 16 },
};

/** What the runs have in common. */
export interface AdapterRecipeOptions {
  readonly codec: LatentCodec<RgbImage>;
  /** Where latents are cached. */
  readonly cache: string;
  readonly seed: number;
}

/** The recipe that trains for so many operations: a cheaper step is taken more often. */
export function adapterRecipe(name: AdapterName, flops: number, options: AdapterRecipeOptions): Recipe {
  return recipeOf(name, stepsFor(recipeOf(name, 1, options), flops), options);
}

/** Operations of a step of the recipe's training. */
export function stepFlops(recipe: Recipe): number {
  return recipe.batch.microBatches * trainingFlops(createModel(recipe), recipe.batch);
}

function stepsFor(recipe: Recipe, flops: number): number {
  return Math.max(1, Math.round(flops / stepFlops(recipe)));
}

function recipeOf(
  name: AdapterName,
  totalSteps: number,
  { codec, cache, seed }: AdapterRecipeOptions,
): Recipe {
  const patches = latentPatches[name];
  const ofLatents = emojiLatents({
    codec,
    cache,
    from: emojiPackages,
    styles: emojiStyles,
    totalSteps,
    patchSize: patches?.patchSize,
    adapter: patches?.adapter,
  });
  const recipe =
    patches === undefined
      ? pixelRecipe(ofLatents)
      : { ...ofLatents, batch: { ...ofLatents.batch, numRows: patches.numRows } };
  // Scores are for the end.
  return { ...recipe, seed, evaluation: undefined, samples: undefined };
}

/**
 * The recipe without the autoencoder. A patch is 8 × 8 pixels, as much as one number of a latent stands for; so a
 * picture is 64 elements of 192 numbers, where it is 16 of 32 in latents. Rows are longer, to hold as many
 * documents in a batch. The network predicts clean pixels, with the noise levels of Li & He (2025, "Back to
 * Basics"), without which patches of so many numbers are not learnt.
 */
function pixelRecipe(ofLatents: Recipe): Recipe {
  const pictures = image({
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
    modalities: createModalityRegistry(ofLatents.modalities.get('text'), pictures),
    sources: () => Object.values(emojiPairs(EMOJI_SIZE, { from: emojiPackages, styles: emojiStyles })),
    heldOut: undefined,
    evaluation: undefined,
    samples: undefined,
    batch: { numRows: 32, rowLength: 240 },
  });
}
