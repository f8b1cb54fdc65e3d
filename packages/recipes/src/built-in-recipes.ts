/** The recipes that a program can offer by name. */
import type { LatentCodec } from '@transfusion/modality';
import {
  autoencoderCodec,
  imageTokens,
  readAutoencoder,
  readVqAutoencoder,
  type ImageTokens,
  type RgbImage,
} from '@transfusion/modality-image';
import { byteTokenizer, type Tokenizer } from '@transfusion/modality-text';
import { TransfusionError } from '@transfusion/nn';
import type { AutoencoderRecipe } from './autoencoder/autoencoder-recipe.js';
import { emojiAutoencoder } from './autoencoder/emoji-autoencoder.js';
import { emojiVqAutoencoder } from './autoencoder/emoji-vq-autoencoder.js';
import { emojiEditor } from './emoji-editor.js';
import { emojiLatents } from './emoji-latents.js';
import { emojiPixels } from './emoji-pixels.js';
import { emojiTokens } from './emoji-tokens.js';
import { paper, paperSizes, type PaperSize } from './paper.js';
import type { Recipe } from './recipe.js';
import { textOnly } from './text-only.js';

/** What a recipe that is picked by name can be told. */
export interface BuiltInSettings {
  /** The folder whose `node_modules` hold data packages; the working directory by default. */
  readonly from?: string;
  /** The file to train on, for recipes without data of their own. */
  readonly data?: string;
  /** The folder of a trained autoencoder, for recipes that need one; that of `emoji-autoencoder`'s run by default. */
  readonly autoencoder?: string;
  /** That of a VQ autoencoder; of `emoji-vq-autoencoder`'s run by default. */
  readonly vqAutoencoder?: string;
}

/** A recipe by name. */
export interface BuiltInRecipe {
  /** A line for a list. */
  readonly description: string;
  create(settings?: BuiltInSettings): Recipe | AutoencoderRecipe | Promise<Recipe>;
}

/** All of them, by name. */
export const builtInRecipes: ReadonlyMap<string, BuiltInRecipe> = new Map<string, BuiltInRecipe>([
  [
    'emoji-pixels',
    {
      description: 'draws and names emoji of 32 × 32 pixels; the data comes from npm packages',
      create: ({ from } = {}) => emojiPixels({ from }),
    },
  ],
  [
    'emoji-autoencoder',
    {
      description: 'pictures of 64 × 64 pixels to latents of 8 × 8 and back, for emoji-latents',
      create: ({ from } = {}) => emojiAutoencoder({ from }),
    },
  ],
  [
    'emoji-latents',
    {
      description: 'draws and names emoji of 64 × 64 pixels, in latents, through a U-Net adapter',
      create: async ({ from, autoencoder = EMOJI_AUTOENCODER } = {}) =>
        emojiLatents({ from, codec: await trainedCodec(autoencoder) }),
    },
  ],
  [
    'emoji-editor',
    {
      description: 'trains emoji-latents on (--from) with edits: styles, flips, colours',
      create: async ({ from, autoencoder = EMOJI_AUTOENCODER } = {}) =>
        emojiEditor({ from, codec: await trainedCodec(autoencoder) }),
    },
  ],
  [
    'emoji-vq-autoencoder',
    {
      description: 'pictures of 64 × 64 pixels to 8 × 8 tokens and back; what emoji-tokens needs',
      create: ({ from } = {}) => emojiVqAutoencoder({ from }),
    },
  ],
  [
    'emoji-tokens',
    {
      description: 'draws and names emoji of 64 × 64 pixels as tokens, like text, for comparison',
      create: async ({ from, vqAutoencoder = EMOJI_VQ_AUTOENCODER } = {}) =>
        emojiTokens({ from, pictures: await trainedTokens(vqAutoencoder) }),
    },
  ],
  [
    'text-only',
    {
      description: 'a small language model of the bytes of one text file (--data)',
      create: ({ data } = {}) => textOnly({ file: data ?? missing('text-only', 'a text file (--data)') }),
    },
  ],
  ...paperSizes.map((size): [string, BuiltInRecipe] => [
    `paper-${size}`,
    {
      description: `the Transfusion paper's ${size.toUpperCase()} run; to inspect, and to build a recipe file on`,
      create: () => withoutAssets(size),
    },
  ]),
]);

/** Where `transfusion train emoji-autoencoder` leaves it. */
const EMOJI_AUTOENCODER = 'runs/emoji-autoencoder/autoencoder';

/** Where `transfusion train emoji-vq-autoencoder` leaves it. */
const EMOJI_VQ_AUTOENCODER = 'runs/emoji-vq-autoencoder/autoencoder';

async function trainedCodec(folder: string): Promise<LatentCodec<RgbImage>> {
  return autoencoderCodec({ ...(await readAutoencoder(folder)), latentShapes: [[8, 8, 8]] });
}

async function trainedTokens(folder: string): Promise<ImageTokens> {
  return imageTokens({ ...(await readVqAutoencoder(folder)), gridSize: [8, 8] });
}

/** The paper's run without what no package can hold: good for its sizes, not for training. */
function withoutAssets(size: PaperSize): Recipe {
  const name = `paper-${size}`;
  const absent = (): never => missing(name, 'a tokenizer, an image codec and sources of your own');
  const tokenizer: Tokenizer = {
    ...byteTokenizer(),
    id: 'none',
    vocabSize: 32_000,
    encode: absent,
    decode: absent,
    createDecoder: absent,
  };
  const codec: LatentCodec<RgbImage> = {
    id: 'none',
    encode: async () => absent(),
    decode: async () => absent(),
  };
  return paper(size, { tokenizer, codec, sources: absent });
}

function missing(recipe: string, what: string): never {
  throw new TransfusionError(
    'invalid-argument',
    `recipe '${recipe}' needs ${what}. Give it, or write a recipe file that does.`,
  );
}
