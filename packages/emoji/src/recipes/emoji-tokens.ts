/**
 * The Chameleon baseline (Chameleon Team 2024, arXiv 2405.09818) that the Transfusion paper compares with: generates and
 * captions emoji of 64 × 64 pixels as VQ tokens. Images and text are tokens of one vocabulary, all of them trained on with
 * next-token prediction under a causal mask. As in its section 2.3, queries and keys are normalized, norms follow attention
 * and feed-forward layers, and a z-loss of 1e-5 keeps the logits small. Sizes, data and schedule are those of emoji-latents,
 * the Transfusion model of these emoji; an image takes 64 positions here, 16 there.
 *
 *     transfusion train emoji-vq-autoencoder
 *     transfusion train emoji-tokens
 *
 * Time and result: not run at full size; the experiment `chameleon` compares both at equal compute.
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
  /** Defaults to a transformer of 7.6 million parameters, with query-key normalization and post-norm. */
  readonly transformer?: RecipeOptions['transformer'];
}

/** Chameleon's transformer, of the size of emoji-latents. */
const TRANSFORMER = { ...LATENT_TRANSFORMER, normPosition: 'post' } as const;

/** Weight of the z-loss (section 2.3). */
const Z_LOSS_WEIGHT = 1e-5;

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
    transformer: options.transformer ?? TRANSFORMER,
    spanAttention: 'causal',
    zLossWeight: Z_LOSS_WEIGHT,
    sources: () => {
      const { textToImage, captioning } = emojiPairs(LATENT_IMAGE_SIZE, { resolveFrom, styles });
      return [textToImage, captioning];
    },
    validation: () => [
      { source: emojiSource(LATENT_IMAGE_SIZE, validationOptions), transform: captionPairs() },
    ],
    // Three documents a row, as in emoji-latents.
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
