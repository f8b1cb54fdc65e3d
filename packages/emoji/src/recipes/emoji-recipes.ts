/** The emoji recipes, by name. */
import {
  autoencoderCodec,
  imageTokens,
  readAutoencoder,
  readVqAutoencoder,
} from '@transfusion/modality-image';
import type { NamedRecipe, Recipe } from '@transfusion/runs';
import type { AutoencoderRecipe } from '@transfusion/runs-autoencoder';
import { emojiAutoencoderFolder } from '../model/load-emoji-autoencoder.js';
import { emojiAutoencoder } from './emoji-autoencoder.js';
import { emojiEditor } from './emoji-editor.js';
import { emojiLatents } from './emoji-latents.js';
import { emojiPixels } from './emoji-pixels.js';
import { emojiTokens } from './emoji-tokens.js';
import { emojiVqAutoencoder } from './emoji-vq-autoencoder.js';

/** Settings of {@link emojiRecipes}. */
export interface EmojiRecipeSettings {
  /** The folder whose `node_modules` hold the data packages; defaults to the working directory. */
  readonly resolveFrom?: string;
  /** The folder of a trained autoencoder; defaults to the one that this package ships. */
  readonly autoencoder?: string;
  /** The folder of a trained VQ autoencoder; defaults to that of `emoji-vq-autoencoder`'s run. */
  readonly vqAutoencoder?: string;
}

/** All of them, by name. */
export const emojiRecipes: ReadonlyMap<
  string,
  NamedRecipe<Recipe | AutoencoderRecipe, EmojiRecipeSettings>
> = new Map<string, NamedRecipe<Recipe | AutoencoderRecipe, EmojiRecipeSettings>>([
  [
    'emoji-pixels',
    {
      description: 'generates and captions emoji of 32 × 32 pixels; the data comes from npm packages',
      create: ({ resolveFrom } = {}) => emojiPixels({ resolveFrom }),
    },
  ],
  [
    'emoji-autoencoder',
    {
      description: 'images of 64 × 64 pixels to latents of 8 × 8 and back, for emoji-latents',
      create: ({ resolveFrom } = {}) => emojiAutoencoder({ resolveFrom }),
    },
  ],
  [
    'emoji-latents',
    {
      description: 'generates and captions emoji of 64 × 64 pixels, in latents, through a U-Net adapter',
      create: async ({ resolveFrom, autoencoder } = {}) =>
        emojiLatents({ resolveFrom, codec: await trainedCodec(autoencoder) }),
    },
  ],
  [
    'emoji-editor',
    {
      description: 'trains emoji-latents on (--init-from) with edits: styles, flips, colors',
      create: async ({ resolveFrom, autoencoder } = {}) =>
        emojiEditor({ resolveFrom, codec: await trainedCodec(autoencoder) }),
    },
  ],
  [
    'emoji-vq-autoencoder',
    {
      description: 'images of 64 × 64 pixels to 8 × 8 tokens and back; what emoji-tokens needs',
      create: ({ resolveFrom } = {}) => emojiVqAutoencoder({ resolveFrom }),
    },
  ],
  [
    'emoji-tokens',
    {
      description: 'generates and captions emoji of 64 × 64 pixels as tokens, like text, for comparison',
      create: async ({ resolveFrom, vqAutoencoder = TRAINED_VQ_AUTOENCODER } = {}) => {
        const trained = await readVqAutoencoder(vqAutoencoder);
        return emojiTokens({ resolveFrom, images: await imageTokens({ ...trained, gridSize: [8, 8] }) });
      },
    },
  ],
]);

/** Written by `transfusion train emoji-vq-autoencoder`. */
const TRAINED_VQ_AUTOENCODER = 'runs/emoji-vq-autoencoder/autoencoder';

async function trainedCodec(folder = emojiAutoencoderFolder) {
  return autoencoderCodec({ ...(await readAutoencoder(folder)), latentShapes: [[8, 8, 8]] });
}
