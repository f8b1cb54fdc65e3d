/**
 * The recipe of the Transfusion paper (Zhou et al. 2024, sections 3 and 4.1, table 1): 2 million tokens per step, 250,000
 * steps. The caller provides the data, a tokenizer with 32,000 tokens (Llama 2's), and an autoencoder from images of
 * 256 × 256 pixels to latents of 32 × 32 with 8 channels.
 *
 *     transfusion inspect paper-7b
 *     transfusion train my-recipe.ts      # whose default export is paper('0.16b', { … })
 *
 * Time and result: not run at full size. The paper's runs took hundreds of GPUs; its tables 3 to 6 have the results.
 */
import { transformerPreset } from '@transfusion/core';
import { captionPairs, type DocumentSource } from '@transfusion/data';
import { ddpm } from '@transfusion/diffusion';
import {
  createModalityRegistry,
  type LatentAdapter,
  type LatentCodec,
  type Shape,
} from '@transfusion/modality';
import { image, type RgbImage } from '@transfusion/modality-image';
import { text, type Tokenizer } from '@transfusion/modality-text';
import { defineRecipe, type OpenSources, type Recipe } from '@transfusion/runs';

/** The sizes of the paper's table 1. */
export type PaperSize = '0.16b' | '0.37b' | '0.76b' | '1.4b' | '7b';

/** Names of all {@link PaperSize}s, smallest first. */
export const paperSizes: readonly PaperSize[] = ['0.16b', '0.37b', '0.76b', '1.4b', '7b'];

/** Options of {@link paper}. */
export interface PaperOptions {
  /**
   * Texts, and pairs of captions and images; in the paper, half of the elements each. See {@link paperMixture}.
   */
  readonly sources: OpenSources;
  /** The validation set. */
  readonly validation?: OpenSources;
  readonly tokenizer: Tokenizer;
  readonly codec: LatentCodec<RgbImage>;
  /** Defaults to [32, 32, 8]. */
  readonly latentShape?: Shape;
  /** Defaults to linear patches; the paper's other choice is U-Net blocks. */
  readonly adapter?: (modelDim: number) => LatentAdapter;
}

/** Returns the paper's recipe at one of its sizes, with patches of 2 × 2 latents. */
export function paper(size: PaperSize, options: PaperOptions): Recipe {
  const { sources, validation, tokenizer, codec, latentShape = [32, 32, 8], adapter } = options;
  return defineRecipe({
    name: `paper-${size}`,
    modalities: createModalityRegistry(
      text({ tokenizer }),
      image({
        latentShapes: [latentShape],
        codec,
        patchSize: 2,
        adapter,
        diffusion: ddpm({ betaSchedule: 'cosine', predictionType: 'epsilon' }),
        lossWeight: 5,
      }),
    ),
    transformer: transformerPreset(size),
    sources,
    validation,
    // 512 rows of 4096: 2 million tokens, four rows at a time.
    batch: { numRows: 4, rowLength: 4096, microBatches: 128 },
    captionNoiseLimit: 0.5,
    optimizer: {
      learningRate: 3e-4,
      finalLearningRate: 1.5e-5,
      warmupSteps: 4000,
      beta1: 0.9,
      beta2: 0.95,
      epsilon: 1e-8,
      weightDecay: 0.1,
      clipNorm: 1,
      // Not the paper's, which mentions no EMA.
      emaDecay: 0.999,
    },
    totalSteps: 250_000,
    checkpoints: { every: 1000 },
    evaluation: validation === undefined ? undefined : { every: 1000, batches: 16 },
  });
}

/**
 * Returns sources for {@link paper}: texts, and pairs whose caption comes first in 80 % of documents. Weights count
 * documents; by default, there are as many texts as pairs. The paper has equal numbers of elements instead: for that,
 * choose weights by the mean lengths of your texts and pairs.
 */
export function paperMixture(
  texts: DocumentSource,
  pairs: DocumentSource,
  weights: { readonly texts: number; readonly pairs: number } = { texts: 1, pairs: 1 },
): OpenSources {
  return () => [
    { source: texts, weight: weights.texts },
    { source: pairs, weight: weights.pairs, transform: captionPairs() },
  ];
}
