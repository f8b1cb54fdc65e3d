/**
 * Trains {@link emojiLatents} on with edits: emoji in another artist's style, mirrored, recolored. It draws
 * and names as before.
 *
 *     transfusion train emoji-editor --from runs/emoji-latents
 */
import { join } from 'node:path';
import { editTriples, type MixturePart } from '@transfusion/data';
import { emojiEdits, type EmojiEditsOptions } from '../edits/emoji-edits.js';
import { cachedLatents, defineRecipe, type Preparation, type Recipe } from '@transfusion/runs';
import {
  EMOJI_LATENTS_CACHE,
  EMOJI_LATENTS_SIZE,
  EMOJI_LATENTS_STYLES,
  emojiLatents,
  type EmojiLatentsOptions,
} from './emoji-latents.js';
import { openEmojiSet } from './emoji-source.js';

/** How often edits come, beside 1 for images to draw and to name. */
const [RESTYLE_WEIGHT, RULE_WEIGHT] = [0.17, 0.09];

/** The model of {@link emojiLatents} with the same options, for 1200 steps unless `totalSteps` says otherwise. */
export function emojiEditor(options: EmojiLatentsOptions): Recipe {
  const { from, styles = EMOJI_LATENTS_STYLES, cache = EMOJI_LATENTS_CACHE, totalSteps = 1200 } = options;
  const pairs = emojiLatents(options);
  const [images] = pairs.modalities.continuous;
  const edits = async (
    name: string,
    split: 'train' | 'validation',
    kind: Pick<EmojiEditsOptions, 'restyle' | 'rules'>,
    preparation?: Preparation,
  ): Promise<MixturePart> => {
    const source = emojiEdits({ ...openEmojiSet(EMOJI_LATENTS_SIZE, { from, styles }), split, ...kind });
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
