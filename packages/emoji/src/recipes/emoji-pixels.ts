/**
 * Generates and captions emoji of 32 × 32 pixels, without an autoencoder: 5 million parameters.
 *
 *     transfusion train emoji-pixels
 *
 * Time: 4000 steps, each a few seconds on two cores. Result: the loss falls from about 37 (tokens 5.5, image 6.3); the
 * validation loss is in `metrics.jsonl`, and every 500 steps samples are written to `samples/`.
 */
import { captionPairs } from '@transfusion/data';
import { flowEuler, velocity } from '@transfusion/diffusion';
import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { defineRecipe, type OpenSources, type Recipe } from '@transfusion/runs';
import { emojiSampleRequests, emojiSource, type EmojiSourceOptions } from './emoji-source.js';

/** Options of {@link emojiPixels}. */
export interface EmojiPixelsOptions extends EmojiSourceOptions {
  /** Defaults to 4000. */
  readonly totalSteps?: number;
}

const SIZE = 32;

/**
 * Returns the recipe: captions as bytes, and rectified flow on pixels that predicts the clean image (Li & He 2025). The
 * npm packages of the images must be installed.
 */
export function emojiPixels(options: EmojiPixelsOptions = {}): Recipe {
  const { resolveFrom, styles = ['noto', 'fluent', 'twemoji'], totalSteps = 4000 } = options;
  const open =
    (split: 'train' | 'validation'): OpenSources =>
    () => [{ source: emojiSource(SIZE, { resolveFrom, styles, split }), transform: captionPairs() }];
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
          lossWeighting: velocity(0.2),
          clipSample: 1,
        }),
      }),
    ),
    transformer: { modelDim: 256, numLayers: 6, numHeads: 4, ffnDim: 704, qkNorm: true },
    sources: open('train'),
    validation: open('validation'),
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
