/** The emoji recipes by name, for the CLI. */
import { existsSync } from 'node:fs';
import { TransfusionError } from '@transfusion/errors';
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
  /** Folder whose `node_modules` hold the data packages; defaults to the working directory. */
  readonly resolveFrom?: string | readonly string[];
  /** Folder of a trained autoencoder; defaults to the one that this package ships. */
  readonly autoencoder?: string;
  /** Folder of a trained VQ autoencoder; defaults to that of the run `runs/emoji-vq-autoencoder`. */
  readonly vqAutoencoder?: string;
}

/** All emoji recipes, by name. */
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
      description: 'an autoencoder for emoji-latents: 64 × 64 pixels to 8 × 8 latents and back',
      create: ({ resolveFrom } = {}) => emojiAutoencoder({ resolveFrom }),
    },
  ],
  [
    'emoji-latents',
    {
      description: 'generates and captions emoji of 64 × 64 pixels in latent space, with a U-Net adapter',
      create: async ({ resolveFrom, autoencoder } = {}) =>
        emojiLatents({ resolveFrom, codec: await loadCodec(autoencoder) }),
    },
  ],
  [
    'emoji-editor',
    {
      description: 'fine-tunes emoji-latents (--init-from) on edits: styles, flips, colors',
      create: async ({ resolveFrom, autoencoder } = {}) =>
        emojiEditor({ resolveFrom, codec: await loadCodec(autoencoder) }),
    },
  ],
  [
    'emoji-vq-autoencoder',
    {
      description: 'a VQ autoencoder for emoji-tokens: 64 × 64 pixels to 8 × 8 tokens and back',
      create: ({ resolveFrom } = {}) => emojiVqAutoencoder({ resolveFrom }),
    },
  ],
  [
    'emoji-tokens',
    {
      description:
        'generates and captions emoji of 64 × 64 pixels as VQ tokens, without diffusion, for comparison',
      create: async ({ resolveFrom, vqAutoencoder = DEFAULT_VQ_AUTOENCODER } = {}) => {
        checkTrained(vqAutoencoder);
        const trained = await readVqAutoencoder(vqAutoencoder);
        const imageModality = await imageTokens({ ...trained, gridSize: [8, 8] });
        return emojiTokens({ resolveFrom, imageModality });
      },
    },
  ],
]);

/** Written by `transfusion train emoji-vq-autoencoder`. */
const DEFAULT_VQ_AUTOENCODER = 'runs/emoji-vq-autoencoder/autoencoder';

/** @throws TransfusionError `not-found` if the autoencoder was not trained yet */
function checkTrained(vqAutoencoder: string): void {
  if (existsSync(vqAutoencoder)) return;
  throw new TransfusionError(
    'not-found',
    `recipe 'emoji-tokens' needs a trained VQ autoencoder, but there is no folder ${vqAutoencoder}. ` +
      'Train one first: transfusion train emoji-vq-autoencoder',
  );
}

async function loadCodec(folder = emojiAutoencoderFolder) {
  return autoencoderCodec({ ...(await readAutoencoder(folder)), latentShapes: [[8, 8, 8]] });
}
