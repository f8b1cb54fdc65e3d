/**
 * Draws and names emoji of 32 × 32 pixels, without an autoencoder: 5 million parameters.
 *
 *     transfusion train emoji-pixels
 *
 * Time: 4000 steps, each a few seconds on two cores. Result: from a loss of about 37 (tokens 5.5, image
 * 6.3) down; the held-out loss is in `metrics.jsonl`, and every 500 steps there are pictures in `samples/`.
 */
import { captionPairs, emojiDocuments, loadEmojiSet, type EmojiStyleName } from '@transfusion/data';
import { flowEuler, velocity } from '@transfusion/diffusion';
import { createModalityRegistry } from '@transfusion/modality';
import { decodeImage, image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { defineRecipe } from './define-recipe.js';
import type { OpenSources, Recipe } from './recipe.js';

/** Options of {@link emojiPixels}. */
export interface EmojiPixelsOptions {
  /** The folder whose `node_modules` hold the emoji packages; the working directory by default. */
  readonly from?: string;
  /** The artists; `['noto', 'fluent', 'twemoji']` by default. */
  readonly styles?: readonly EmojiStyleName[];
  /** 4000 by default. */
  readonly totalSteps?: number;
}

const SIZE = 32;

const SAMPLE_CAPTIONS = [
  'red apple, noto',
  'red apple, fluent',
  'red apple, twemoji',
  'grinning face, noto',
  'green heart, fluent',
  'blue circle, twemoji',
  'tangerine, noto',
  'dog face, fluent',
  'sun, twemoji',
];

/**
 * Emoji by several artists, captions as bytes, pixels as they are: rectified flow that predicts the
 * clean picture (Li & He 2025). The packages that carry the drawings must be installed.
 */
export function emojiPixels({ from, styles, totalSteps = 4000 }: EmojiPixelsOptions = {}): Recipe {
  const open =
    (split: 'train' | 'held-out'): OpenSources =>
    () => {
      const set = loadEmojiSet({ size: SIZE, styles, from });
      // Flags differ in details that 32 pixels do not show.
      const concepts = set.concepts.filter(({ group }) => group !== 'Flags');
      // Some styles are files of a size of their own.
      const decode = (bytes: Uint8Array) => decodeImage(bytes, { minSide: SIZE });
      const source = emojiDocuments({ ...set, concepts, split, decode });
      return [{ source, transform: captionPairs() }];
    };
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
    heldOut: open('held-out'),
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
    samples: {
      every: 500,
      requests: SAMPLE_CAPTIONS.map((caption) => ({
        prompt: [{ modality: 'text', value: caption }],
        begin: { modality: 'image' },
      })),
      numInferenceSteps: 25,
    },
  });
}
