/**
 * Trains {@link emojiLatents} on with edits: emoji in another artist's style, mirrored, recoloured. It draws
 * and names as before.
 *
 *     transfusion train emoji-editor --from runs/emoji-latents
 */
import { join } from 'node:path';
import {
  cacheLatents,
  editTriples,
  emojiEdits,
  type EmojiEditsOptions,
  type MixturePart,
} from '@transfusion/data';
import { defineRecipe } from './define-recipe.js';
import {
  EMOJI_LATENTS_CACHE,
  EMOJI_LATENTS_SIZE,
  EMOJI_LATENTS_STYLES,
  emojiLatents,
  type EmojiLatentsOptions,
} from './emoji-latents.js';
import { loadEmoji } from './emoji-source.js';
import type { Recipe } from './recipe.js';

/** How often edits come, beside 1 for pictures to draw and to name. */
const [RESTYLE_WEIGHT, RULE_WEIGHT] = [0.5, 0.2];

/** The model of {@link emojiLatents} with the same options, for 1000 steps unless `totalSteps` says otherwise. */
export function emojiEditor(options: EmojiLatentsOptions): Recipe {
  const { from, styles = EMOJI_LATENTS_STYLES, cache = EMOJI_LATENTS_CACHE, totalSteps = 1000 } = options;
  const pairs = emojiLatents(options);
  const [pictures] = pairs.modalities.continuous;
  const edits = async (
    name: string,
    split: 'train' | 'held-out',
    kind: Pick<EmojiEditsOptions, 'restyle' | 'rules'>,
  ): Promise<MixturePart> => {
    const source = emojiEdits({ ...loadEmoji(EMOJI_LATENTS_SIZE, { from, styles }), split, ...kind });
    const directory = join(cache, name);
    return {
      source: await cacheLatents(source, { modality: pictures, directory }),
      transform: editTriples(),
    };
  };
  return defineRecipe({
    ...pairs,
    name: 'emoji-editor',
    sources: async () => [
      ...(await pairs.sources()),
      { ...(await edits('restyle', 'train', { rules: [] })), weight: RESTYLE_WEIGHT },
      { ...(await edits('rules', 'train', { restyle: false })), weight: RULE_WEIGHT },
    ],
    heldOut: async () => [
      ...(await pairs.heldOut!()),
      await edits('restyle-held-out', 'held-out', { rules: [] }),
    ],
    optimizer: {
      ...pairs.optimizer,
      learningRate: pairs.optimizer.learningRate / 2,
      finalLearningRate: pairs.optimizer.finalLearningRate,
      warmupSteps: Math.min(50, Math.floor(totalSteps / 20)),
    },
    totalSteps,
  });
}
