/**
 * Generates and captions emoji of 64 × 64 pixels as discrete VQ tokens in one sequence with the text tokens (Chameleon
 * Team 2024), the paper's baseline. Transformer, data and schedule are those of emoji-latents.
 *
 *     transfusion train emoji-vq-autoencoder
 *     transfusion train emoji-tokens
 *
 * Time and result: not run at full size.
 */
import { captionPairs } from '@transfusion/data';
import { createModalityRegistry } from '@transfusion/modality';
import type { ImageTokens } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { defineRecipe, type Recipe, type RecipeOptions } from '@transfusion/runs';
import type { EmojiStyleName } from '../data/load-emoji-set.js';
import { emojiStyles } from '../model/load-emoji.js';
import { emojiPairs, emojiSampleRequests, emojiSource, type EmojiSourceOptions } from './emoji-source.js';
import { emojiTokenizer } from './emoji-tokenizer.js';
import { LATENT_IMAGE_SIZE, LATENT_TRANSFORMER, latentOptimizer } from './latent-settings.js';

/** Options of {@link emojiTokens}. */
export interface EmojiTokensOptions extends EmojiSourceOptions {
  /** Emoji styles to train on; defaults to {@link emojiStyles}. */
  readonly styles?: readonly EmojiStyleName[];
  /** The image modality: 64 × 64 pixels as tokens of a trained VQ autoencoder. */
  readonly imageModality: ImageTokens;
  /** Defaults to 4500. */
  readonly totalSteps?: number;
  /** Defaults to a transformer of 7.6 million parameters. */
  readonly transformer?: RecipeOptions['transformer'];
}

/** Returns the recipe: captions as BPE tokens and images as VQ tokens, trained with next-token prediction only. */
export function emojiTokens(options: EmojiTokensOptions): Recipe {
  const { imageModality, resolveFrom, styles = emojiStyles, totalSteps = 4500 } = options;
  const validationOptions = { resolveFrom, styles, split: 'validation', keywordFraction: 0 } as const;
  const [rows, columns] = imageModality.gridSize;
  return defineRecipe({
    name: 'emoji-tokens',
    modalities: createModalityRegistry(
      text({ tokenizer: emojiTokenizer({ resolveFrom, styles }) }),
      imageModality,
    ),
    transformer: options.transformer ?? LATENT_TRANSFORMER,
    sources: () => {
      const { textToImage, captioning } = emojiPairs(LATENT_IMAGE_SIZE, { resolveFrom, styles });
      return [textToImage, captioning];
    },
    validation: () => [
      { source: emojiSource(LATENT_IMAGE_SIZE, validationOptions), transform: captionPairs() },
    ],
    // Three documents a row, as in emoji-latents: an image takes 64 positions here, 16 there.
    batch: { numRows: 32, rowLength: 240 },
    optimizer: latentOptimizer(totalSteps),
    totalSteps,
    checkpoints: { every: 250, keep: 2 },
    evaluation: { every: 250, batches: 6 },
    samples: {
      every: 500,
      // Without the first span: a discrete modality has no spans.
      requests: emojiSampleRequests(styles).map(({ prompt }) => ({ prompt, maxTokens: rows * columns })),
    },
  });
}
