/** Recipe of an image autoencoder: the configuration of its training run. */
import {
  createAutoencoder,
  hasCodebook,
  type AutoencoderConfig,
  type AutoencoderLossOptions,
  type CodebookBottleneckOptions,
  type GaussianBottleneckOptions,
  type VqAutoencoderConfig,
} from '@transfusion/modality-image';
import { parseRecipe, recipeFields, type OpenSources, type RecipeOptimizer } from '@transfusion/runs';
import { z } from 'zod';

/** Losses of both variants: `klWeight` is for a Gaussian latent, `commitmentWeight` for a codebook. */
export type AutoencoderRecipeLoss = AutoencoderLossOptions &
  GaussianBottleneckOptions &
  CodebookBottleneckOptions;

/** Options of {@link defineAutoencoderRecipe}. */
export interface AutoencoderRecipeOptions {
  readonly name: string;
  /** Seeds the initial parameters, the order of the data and all noise; defaults to 0. */
  readonly seed?: number;
  /** With `codebookSize`, the autoencoder is a VQ autoencoder. */
  readonly autoencoder: AutoencoderConfig | VqAutoencoderConfig;
  /** Losses besides the pixel distance; defaults to that of the bottleneck, with the papers' weights. */
  readonly loss?: AutoencoderRecipeLoss;
  /** First step with the adversarial loss of `loss.discriminator`, and its weight from then on (0.5 in the paper). */
  readonly adversarial?: { readonly startStep: number; readonly weight: number };
  /**
   * Height and width in pixels; images are scaled and cropped to it. The autoencoder is convolutional: its codec takes
   * other sizes, too.
   */
  readonly imageSize: readonly [number, number];
  /** Documents with the training images. */
  readonly sources: OpenSources;
  /** Documents with the validation images, for `evaluation`. */
  readonly validation?: OpenSources;
  readonly batch: {
    readonly numImages: number;
    /** Number of batches whose gradients are accumulated for each step; defaults to 1. */
    readonly microBatches?: number;
  };
  /** Mirrors half of the images, and permutes the color channels of a quarter of them; defaults to false. */
  readonly augment?: boolean;
  readonly optimizer?: Partial<RecipeOptimizer>;
  readonly totalSteps: number;
  readonly checkpoints?: { readonly every?: number; readonly keep?: number };
  /** Reconstructs validation images every `every` steps: scores in the log, and a grid. */
  readonly evaluation?: { readonly every: number; readonly numImages?: number };
}

/** A checked recipe with all defaults filled in; created by {@link defineAutoencoderRecipe}. */
export interface AutoencoderRecipe {
  readonly kind: 'autoencoder';
  readonly name: string;
  readonly seed: number;
  readonly autoencoder: AutoencoderConfig | VqAutoencoderConfig;
  readonly loss: AutoencoderRecipeLoss;
  readonly adversarial?: { readonly startStep: number; readonly weight: number };
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

const lossOptions = z.custom<AutoencoderRecipeLoss>(
  (value) => typeof value === 'object' && value !== null,
  'an object of losses',
);

const schema = section({
  kind: z.literal('autoencoder', "'autoencoder'").default('autoencoder'),
  name,
  seed: countOrZero.default(0),
  autoencoder: section({
    patchSize: count.optional(),
    channels: z.array(count, 'a list of channel counts').min(1, 'at least one resolution').readonly(),
    latentChannels: count,
    numBlocks: count,
    codebookSize: count.optional(),
  }),
  loss: lossOptions.default({}),
  adversarial: section({ startStep: countOrZero, weight: positive }).optional(),
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
 * Checks the recipe of an autoencoder and fills in its defaults.
 *
 * @throws TransfusionError `invalid-argument`, naming each wrong field, what was found and what was expected
 */
export function defineAutoencoderRecipe(options: AutoencoderRecipeOptions): AutoencoderRecipe {
  return parseRecipe(schema, options, findIssues);
}

/** Side of the SSIM window in pixels. */
const MIN_EVALUATED_SIDE = 11;

function findIssues({
  autoencoder,
  imageSize,
  adversarial,
  loss,
  evaluation,
}: z.output<typeof schema>): string[] {
  const { factor } = createAutoencoder(autoencoder);
  const isDivisible = imageSize.every((side) => side % factor === 0);
  const isVq = hasCodebook(autoencoder);
  return [
    isVq &&
      loss.klWeight !== undefined &&
      'loss.klWeight is for a Gaussian latent, but autoencoder.codebookSize is set',
    !isVq &&
      loss.commitmentWeight !== undefined &&
      'loss.commitmentWeight is for a codebook, but autoencoder.codebookSize is absent',
    !isDivisible &&
      `imageSize is ${imageSize.join(' x ')}, expected multiples of ${factor} (the autoencoder's downsampling factor)`,
    evaluation !== undefined &&
      Math.min(...imageSize) < MIN_EVALUATED_SIDE &&
      `imageSize is ${imageSize.join(' x ')}, expected at least ${MIN_EVALUATED_SIDE} for evaluation (the window of SSIM)`,
    loss.discriminator !== undefined &&
      !areCounts(loss.discriminator.channels) &&
      `loss.discriminator.channels is ${JSON.stringify(loss.discriminator.channels)}, expected a list of positive integers`,
    adversarial !== undefined &&
      loss.discriminator === undefined &&
      'adversarial requires loss.discriminator, which is absent',
    adversarial === undefined &&
      loss.discriminator !== undefined &&
      'loss.discriminator requires adversarial (its first step and weight), which is absent',
  ].filter((issue) => issue !== false);
}

function areCounts(values: unknown): boolean {
  if (!Array.isArray(values) || values.length === 0) return false;
  return values.every((value) => Number.isInteger(value) && value > 0);
}
