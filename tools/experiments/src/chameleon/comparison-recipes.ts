/**
 * The recipes of the experiment `chameleon`: one transformer on the same pairs of emoji, with images as latents that are
 * denoised (Transfusion) or as tokens that are predicted (Chameleon).
 */
import { join } from 'node:path';
import { cacheLatents, type MixturePart } from '@transfusion/data';
import { emojiLatents, emojiPairs, emojiStyles, emojiTokens } from '@transfusion/emoji';
import type { ContinuousModality, LatentCodec } from '@transfusion/modality';
import { unet, type ImageTokens, type RgbImage } from '@transfusion/modality-image';
import type { OpenSources, Recipe } from '@transfusion/runs';
import { stepsFor } from '../adapters/adapter-recipes.js';
import { EMOJI_SIZE, emojiPackages } from '../emoji-set.js';
import { runsFolder } from '../runs-folder.js';

/** The models that are compared, in order of the table. */
export const comparedModels = ['transfusion', 'chameleon'] as const;

/** Name of a compared model. */
export type ComparedModel = (typeof comparedModels)[number];

/** Options that the runs share. */
export interface ComparisonOptions {
  /** Codec of the KL autoencoder, for Transfusion. */
  readonly codec: LatentCodec<RgbImage>;
  /** Image modality of the VQ autoencoder, for Chameleon. */
  readonly imageModality: ImageTokens;
  readonly seed: number;
}

/** A transformer of 1.0 million parameters; Chameleon's has post-norm, too. */
const TRANSFORMER = { modelDim: 128, numLayers: 6, numHeads: 2, ffnDim: 320, qkNorm: true };

/** Jittered versions of each captioning image: a short run sees none of them more than a few times. */
const NUM_VERSIONS = 4;

/** Rows of a batch, of about three documents each. */
const NUM_ROWS = 16;

/** Creates the recipe for a compute budget: the cheaper the step, the more steps. */
export function comparisonRecipe(name: ComparedModel, flops: number, options: ComparisonOptions): Recipe {
  return recipeOf[name](stepsFor(recipeOf[name](1, options), flops), options);
}

const recipeOf: Readonly<Record<ComparedModel, (totalSteps: number, options: ComparisonOptions) => Recipe>> =
  {
    transfusion: (totalSteps, { codec, seed }) => {
      const recipe = emojiLatents({
        ...shared,
        codec,
        totalSteps,
        transformer: TRANSFORMER,
        // A step costs a fifth more than with linear patches.
        adapter: unet({ channels: [32, 64] }),
      });
      const batch = { ...recipe.batch, numRows: NUM_ROWS, spanCapacity: { 'image:8x8x8': 64 } };
      const [image] = recipe.modalities.continuous as readonly ContinuousModality[];
      return { ...withoutReports(recipe), seed, batch, sources: cachedPairs(image) };
    },
    chameleon: (totalSteps, { imageModality, seed }) => {
      const transformer = { ...TRANSFORMER, normPosition: 'post' } as const;
      const recipe = emojiTokens({ ...shared, imageModality, totalSteps, transformer });
      const batch = { ...recipe.batch, numRows: NUM_ROWS };
      return { ...withoutReports(recipe), seed, batch, sources: () => Object.values(pairs()) };
    },
  };

const shared = { resolveFrom: emojiPackages, styles: emojiStyles };

/** Leaves out what is computed during training: scores are computed at the end. */
function withoutReports(recipe: Recipe): Recipe {
  return { ...recipe, evaluation: undefined, samples: undefined };
}

function pairs(): { readonly textToImage: MixturePart; readonly captioning: MixturePart } {
  return emojiPairs(EMOJI_SIZE, { ...shared, numVersions: NUM_VERSIONS });
}

function cachedPairs(modality: ContinuousModality): OpenSources {
  return ({ signal, onProgress } = {}) =>
    Promise.all(
      Object.entries(pairs()).map(async ([name, part]) => ({
        ...part,
        source: await cacheLatents(part.source, {
          modality,
          directory: join(runsFolder, 'chameleon', 'cache', name),
          signal,
          onProgress: (done, total) => onProgress?.(name, done, total),
        }),
      })),
    );
}
