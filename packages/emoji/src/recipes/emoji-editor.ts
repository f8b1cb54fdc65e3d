/**
 * Fine-tunes {@link emojiLatents} on edits (emoji in another artist's style, mirrored, recolored), while it keeps
 * generating and captioning.
 *
 *     transfusion train emoji-editor --init-from runs/emoji-latents
 */
import { join } from 'node:path';
import { editTriples, type MixturePart } from '@transfusion/data';
import { emojiEdits, type EmojiEditsOptions } from '../edits/emoji-edits.js';
import { defineRecipe, type Preparation, type Recipe } from '@transfusion/runs';
import { LATENTS_CACHE, EMOJI_SIZE, emojiLatents, type EmojiLatentsOptions } from './emoji-latents.js';
import { emojiStyles } from '../model/load-emoji.js';
import { cachedLatents } from './cached-latents.js';
import { openEmojiSet } from './emoji-source.js';

/** Mixture weights of edits; all other pairs together have 1. */
const [RESTYLE_WEIGHT, RULE_WEIGHT] = [0.17, 0.09];

/** Returns the recipe, with the model of {@link emojiLatents}; `totalSteps` defaults to 1200. */
export function emojiEditor(options: EmojiLatentsOptions): Recipe {
  const { resolveFrom, styles = emojiStyles, cache = LATENTS_CACHE, totalSteps = 1200 } = options;
  const pairs = emojiLatents(options);
  const [images] = pairs.modalities.continuous;
  const edits = async (
    name: string,
    split: 'train' | 'validation',
    kind: Pick<EmojiEditsOptions, 'restyle' | 'rules'>,
    preparation?: Preparation,
  ): Promise<MixturePart> => {
    const source = emojiEdits({ ...openEmojiSet(EMOJI_SIZE, { resolveFrom, styles }), split, ...kind });
    const cached = await cachedLatents(source, images, join(cache, name), preparation);
    return { source: cached, transform: editTriples() };
  };
  return defineRecipe({
    ...pairs,
    name: 'emoji-editor',
    sources: async (preparation) => [
      ...(await pairs.sources(preparation)),
      { ...(await edits('restyle', 'train', { rules: [] }, preparation)), weight: RESTYLE_WEIGHT },
      { ...(await edits('rules', 'train', { restyle: false }, preparation)), weight: RULE_WEIGHT },
    ],
    validation: async (preparation) => [
      ...(await pairs.validation!(preparation)),
      await edits('restyle-validation', 'validation', { rules: [] }, preparation),
    ],
    optimizer: {
      ...pairs.optimizer,
      learningRate: pairs.optimizer.learningRate / 1.5,
      finalLearningRate: pairs.optimizer.finalLearningRate,
      warmupSteps: Math.min(50, Math.floor(totalSteps / 20)),
    },
    totalSteps,
  });
}
