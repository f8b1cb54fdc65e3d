/** The training run of an autoencoder as one value. */
import type { AutoencoderConfig, AutoencoderLossOptions } from '@transfusion/modality-image';
import type { OpenSources, RecipeOptimizer } from '../recipe.js';

/** A checked configuration; made by `defineAutoencoderRecipe`. */
export interface AutoencoderRecipe {
  readonly kind: 'autoencoder';
  readonly name: string;
  readonly seed: number;
  readonly autoencoder: AutoencoderConfig;
  readonly loss: AutoencoderLossOptions;
  /** When the discriminator begins, and how much its judgement counts from then on. */
  readonly adversarial?: { readonly fromStep: number; readonly weight: number };
  /** Height and width of the pictures in pixels. */
  readonly imageSize: readonly [number, number];
  /** Documents whose pictures are trained on. */
  readonly sources: OpenSources;
  /** Documents whose pictures are reconstructed for the log, and not trained on. */
  readonly heldOut?: OpenSources;
  readonly batch: { readonly numImages: number; readonly microBatches: number };
  /** Mirrors pictures and exchanges their colours at times. */
  readonly augment: boolean;
  readonly optimizer: RecipeOptimizer;
  readonly totalSteps: number;
  readonly checkpoints: { readonly every: number; readonly keep: number };
  /** Reconstructions of held-out pictures: their PSNR and SSIM in the log, the first of them as a grid. */
  readonly evaluation?: { readonly every: number; readonly numImages: number };
}
