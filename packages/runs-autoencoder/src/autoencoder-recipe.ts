/** The training run of an autoencoder of images as one value. */
import {
  createAutoencoder,
  hasCodebook,
  type AutoencoderConfig,
  type AutoencoderLossOptions,
  type VqAutoencoderConfig,
  type VqAutoencoderLossOptions,
} from '@transfusion/modality-image';
import { parseRecipe, recipeFields, type OpenSources, type RecipeOptimizer } from '@transfusion/runs';
import { z } from 'zod';

/** What {@link defineAutoencoderRecipe} takes; what has a default may be left out. */
export interface AutoencoderRecipeOptions {
  readonly name: string;
  /** Decides the starting parameters, the order of the data and all noise; 0 by default. */
  readonly seed?: number;
  /** The sizes of the autoencoder; with a `codebookSize` it is a VQ autoencoder. */
  readonly autoencoder: AutoencoderConfig | VqAutoencoderConfig;
  /** What it is trained for besides the images' pixels; nothing but a weak divergence, or a codebook, by default. */
  readonly loss?: AutoencoderLossOptions | VqAutoencoderLossOptions;
  /** When `loss.discriminator` begins, and how much its judgement counts from then on; 0.5 in the paper. */
  readonly adversarial?: { readonly fromStep: number; readonly weight: number };
  /**
   * Height and width of the images in pixels: they are scaled and cropped. The autoencoder is convolutional:
   * its codec takes other sizes too.
   */
  readonly imageSize: readonly [number, number];
  /** Documents whose images are trained on. */
  readonly sources: OpenSources;
  /** Documents whose images are only reconstructed, for the log. */
  readonly validation?: OpenSources;
  readonly batch: {
    readonly numImages: number;
    /** Batches whose gradients make one step; 1 by default. */
    readonly microBatches?: number;
  };
  /** Mirrors half of the images and exchanges the colors of a quarter; false by default. */
  readonly augment?: boolean;
  readonly optimizer?: Partial<RecipeOptimizer>;
  readonly totalSteps: number;
  readonly checkpoints?: { readonly every?: number; readonly keep?: number };
  /** Reconstructions of validation images every so many steps: scores in the log, and a grid. */
  readonly evaluation?: { readonly every: number; readonly numImages?: number };
}

/** A checked recipe of an autoencoder, with all defaults filled in. */
export interface AutoencoderRecipe {
  readonly kind: 'autoencoder';
  readonly name: string;
  readonly seed: number;
  readonly autoencoder: AutoencoderConfig | VqAutoencoderConfig;
  readonly loss: AutoencoderLossOptions & VqAutoencoderLossOptions;
  readonly adversarial?: { readonly fromStep: number; readonly weight: number };
  readonly imageSize: readonly [number, number];
  readonly sources: OpenSources;
  readonly validation?: OpenSources;
  readonly batch: { readonly numImages: number; readonly microBatches: number };
  readonly augment: boolean;
  readonly optimizer: RecipeOptimizer;
  readonly totalSteps: number;
  readonly checkpoints: { readonly every: number; readonly keep: number };
  readonly evaluation?: { readonly every: number; readonly numImages: number };
}

const { section, count, countOrZero, positive, flag, name, sources } = recipeFields;

const lossOptions = z.custom<AutoencoderLossOptions & VqAutoencoderLossOptions>(
  (value) => typeof value === 'object' && value !== null,
  'an object of losses',
);

const schema = section({
  kind: z.literal('autoencoder', "'autoencoder'").default('autoencoder'),
  name,
  seed: countOrZero.default(0),
  autoencoder: section({
    patchSize: count.optional(),
    channels: z.array(count, 'a list of channels').min(1, 'one resolution or more').readonly(),
    latentChannels: count,
    numBlocks: count,
    codebookSize: count.optional(),
  }),
  loss: lossOptions.default({}),
  adversarial: section({ fromStep: countOrZero, weight: positive }).optional(),
  imageSize: z.tuple([count, count], 'a height and a width').readonly(),
  sources,
  validation: sources.optional(),
  batch: section({ numImages: count, microBatches: count.default(1) }),
  augment: flag.default(false),
  optimizer: recipeFields.optimizer.prefault({}),
  totalSteps: count,
  checkpoints: recipeFields.checkpoints.prefault({}),
  evaluation: section({ every: count, numImages: count.default(128) }).optional(),
});

/**
 * Checks the configuration of an autoencoder's run and fills in its defaults.
 *
 * @throws TransfusionError `invalid-argument`, naming each wrong field, what it is and what was expected
 */
export function defineAutoencoderRecipe(options: AutoencoderRecipeOptions): AutoencoderRecipe {
  return parseRecipe(schema, options, sizeMistakes);
}

/** Side of the window of structural similarity, in pixels. */
const LEAST_EVALUATED = 11;

function sizeMistakes({
  autoencoder,
  imageSize,
  adversarial,
  loss,
  evaluation,
}: z.output<typeof schema>): string[] {
  const { factor } = createAutoencoder(autoencoder);
  const uneven = imageSize.some((side) => side % factor !== 0);
  const isVq = hasCodebook(autoencoder);
  return [
    isVq &&
      loss.klWeight !== undefined &&
      'loss.klWeight is for a Gaussian latent, but autoencoder.codebookSize is given',
    isVq &&
      loss.latents !== undefined &&
      'loss.latents is for a Gaussian latent, but autoencoder.codebookSize is given',
    !isVq &&
      loss.commitmentWeight !== undefined &&
      'loss.commitmentWeight is for a codebook, but autoencoder.codebookSize is absent',
    uneven &&
      `imageSize is ${imageSize.join(' x ')}, expected multiples of ${factor} (the autoencoder's factor)`,
    evaluation !== undefined &&
      Math.min(...imageSize) < LEAST_EVALUATED &&
      `imageSize is ${imageSize.join(' x ')}, expected ${LEAST_EVALUATED} or more to be evaluated (SSIM's window)`,
    loss.discriminator !== undefined &&
      !areSizes(loss.discriminator.channels) &&
      `loss.discriminator.channels is ${JSON.stringify(loss.discriminator.channels)}, expected a list of positive integers`,
    adversarial !== undefined &&
      loss.discriminator === undefined &&
      'adversarial needs loss.discriminator, which is absent',
    adversarial === undefined &&
      loss.discriminator !== undefined &&
      'loss.discriminator needs adversarial, which is absent: when it begins, and how much it counts',
  ].filter((mistake) => mistake !== false);
}

function areSizes(values: unknown): boolean {
  if (!Array.isArray(values) || values.length === 0) return false;
  return values.every((value) => Number.isInteger(value) && value > 0);
}
