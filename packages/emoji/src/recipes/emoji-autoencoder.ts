/**
 * An autoencoder of emoji: 64 × 64 pixels to 8 × 8 latents of 8 channels, 5.8 million parameters.
 *
 *     transfusion train emoji-autoencoder
 *
 * Time: 2,800 steps of 16 images, 0.6 s each on two fast cores: about half an hour. Result: 27.2 dB of PSNR on
 * validation images (for the shipped weights, which were also trained to match the latents of an earlier autoencoder).
 */
import { defineAutoencoderRecipe, type AutoencoderRecipe } from '@transfusion/runs-autoencoder';
import type { EmojiStyleName } from '../data/load-emoji-set.js';
import { openSplit, type EmojiSourceOptions } from './emoji-source.js';

/** Options of {@link emojiAutoencoder}. */
export interface EmojiAutoencoderOptions extends EmojiSourceOptions {
  /** Emoji styles to train on; defaults to `['noto', 'fluent', 'twemoji']`. */
  readonly styles?: readonly EmojiStyleName[];
  /** Defaults to 2800. */
  readonly totalSteps?: number;
}

const SIZE = 64;

/** Returns the recipe. Requires the npm packages that carry the emoji (see `loadEmojiSet`). */
export function emojiAutoencoder({
  resolveFrom,
  styles = ['noto', 'fluent', 'twemoji'],
  totalSteps = 2800,
}: EmojiAutoencoderOptions = {}): AutoencoderRecipe {
  return defineAutoencoderRecipe({
    name: 'emoji-autoencoder',
    autoencoder: { patchSize: 2, channels: [128, 128, 160], latentChannels: 8, numBlocks: 1 },
    imageSize: [SIZE, SIZE],
    sources: openSplit(SIZE, { resolveFrom, styles, split: 'train' }),
    validation: openSplit(SIZE, { resolveFrom, styles, split: 'validation' }),
    batch: { numImages: 16 },
    augment: true,
    optimizer: {
      learningRate: 1e-3,
      finalLearningRate: 2e-5,
      warmupSteps: Math.min(100, Math.floor(totalSteps / 20)),
      beta2: 0.99,
      weightDecay: 0,
      emaDecay: 0.998,
    },
    totalSteps,
    checkpoints: { every: 250, keep: 2 },
    evaluation: { every: 250 },
  });
}
