/**
 * Generates and captions emoji of 64 × 64 pixels as tokens of a codebook, next to those of text (Chameleon Team 2024):
 * the paper's baseline. Transformer, data and schedule are those of emoji-latents.
 *
 *     transfusion train emoji-vq-autoencoder
 *     transfusion train emoji-tokens
 */
import { captionPairs } from '@transfusion/data';
import { createModalityRegistry } from '@transfusion/modality';
import type { ImageTokens } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { defineRecipe, type Recipe, type RecipeOptions } from '@transfusion/runs';
import { emojiStyles } from '../model/load-emoji.js';
import { EMOJI_SIZE, EMOJI_TRANSFORMER, emojiOptimizer, emojiTokenizer } from './emoji-latents.js';
import { emojiPairs, emojiSampleRequests, emojiSource, type EmojiSourceOptions } from './emoji-source.js';

/** Options of {@link emojiTokens}. */
export interface EmojiTokensOptions extends EmojiSourceOptions {
  /** The images' modality: 64 × 64 pixels as tokens of a trained VQ autoencoder. */
  readonly images: ImageTokens;
  /** Defaults to 4500. */
  readonly totalSteps?: number;
  /** Defaults to a transformer of 7.6 million parameters. */
  readonly transformer?: RecipeOptions['transformer'];
}

/** Returns the recipe: captions as byte pairs and images as tokens, all predicted one after the other. */
export function emojiTokens(options: EmojiTokensOptions): Recipe {
  const { images, resolveFrom, styles = emojiStyles, totalSteps = 4500 } = options;
  const validation = { resolveFrom, styles, split: 'validation', keywordShare: 0 } as const;
  const [rows, columns] = images.gridSize;
  return defineRecipe({
    name: 'emoji-tokens',
    modalities: createModalityRegistry(text({ tokenizer: emojiTokenizer({ resolveFrom, styles }) }), images),
    transformer: options.transformer ?? EMOJI_TRANSFORMER,
    sources: () => Object.values(emojiPairs(EMOJI_SIZE, { resolveFrom, styles })),
    validation: () => [{ source: emojiSource(EMOJI_SIZE, validation), transform: captionPairs() }],
    // As many documents in a batch as in emoji-latents: an image takes four times as many positions.
    batch: { numRows: 32, rowLength: 240 },
    optimizer: emojiOptimizer(totalSteps),
    totalSteps,
    checkpoints: { every: 250, keep: 2 },
    evaluation: { every: 250, batches: 6 },
    samples: {
      every: 500,
      requests: emojiSampleRequests(styles).map(({ prompt }) => ({ prompt, maxTokens: rows * columns })),
    },
  });
}
