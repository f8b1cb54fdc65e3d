/**
 * Generates and captions emoji of 32 × 32 pixels, without an autoencoder: 5 million parameters.
 *
 *     transfusion train emoji-pixels
 *
 * Time: 4,000 steps of a few seconds on two cores, some hours in all. Result: not run at full size; the loss
 * (tokens + 5 × image) starts at about 37 (5.5 + 5 × 6.3). The validation loss is in `metrics.jsonl`; every 500 steps,
 * samples are written to `samples/`.
 */
import { captionPairs } from '@transfusion/data';
import { flowEuler, velocity } from '@transfusion/diffusion';
import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { defineRecipe, type Recipe } from '@transfusion/runs';
import type { EmojiStyleName } from '../data/load-emoji-set.js';
import { emojiSampleRequests, openSplit, type EmojiSourceOptions } from './emoji-source.js';

/** Options of {@link emojiPixels}. */
export interface EmojiPixelsOptions extends EmojiSourceOptions {
  /** Emoji styles to train on; defaults to `['noto', 'fluent', 'twemoji']`. */
  readonly styles?: readonly EmojiStyleName[];
  /** Defaults to 4000. */
  readonly totalSteps?: number;
}

const SIZE = 32;

/**
 * Returns the recipe: captions as bytes, and pixel-space rectified flow with x0-prediction (Li & He 2025). Requires the
 * npm packages that carry the emoji (see `loadEmojiSet`).
 */
export function emojiPixels(options: EmojiPixelsOptions = {}): Recipe {
  const { resolveFrom, styles = ['noto', 'fluent', 'twemoji'], totalSteps = 4000 } = options;
  return defineRecipe({
    name: 'emoji-pixels',
    modalities: createModalityRegistry(
      text(),
      image({
        latentShapes: [[SIZE, SIZE, 3]],
        patchSize: 4,
        positionEmbedding: 'axial',
        diffusion: flowEuler({
          predictionType: 'sample',
          // Weight 1/σ², with σ clamped to at least 0.2.
          lossWeighting: velocity(0.2),
          clipSample: 1,
        }),
      }),
    ),
    transformer: { modelDim: 256, numLayers: 6, numHeads: 4, ffnDim: 704, qkNorm: true },
    sources: openSplit(SIZE, { resolveFrom, styles, split: 'train' }, captionPairs()),
    validation: openSplit(SIZE, { resolveFrom, styles, split: 'validation' }, captionPairs()),
    batch: { numRows: 32, rowLength: 128 },
    optimizer: {
      learningRate: 2e-3,
      warmupSteps: Math.min(30, Math.floor(totalSteps / 20)),
      weightDecay: 0.05,
      emaDecay: 0.99,
    },
    totalSteps,
    checkpoints: { every: 250 },
    evaluation: { every: 250, batches: 4 },
    samples: { every: 500, requests: emojiSampleRequests(styles), numInferenceSteps: 25 },
  });
}
