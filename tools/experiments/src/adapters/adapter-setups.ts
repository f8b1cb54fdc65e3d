/** Setups in which adapters are compared: the transformer, the latents, and the adapters. */
import { join } from 'node:path';
import {
  emojiAutoencoder,
  emojiStyles,
  loadEmojiAutoencoder,
  type EmojiLatentsOptions,
} from '@transfusion/emoji';
import {
  autoencoderCodec,
  createAutoencoder,
  linear,
  readAutoencoder,
  unet,
  type AdapterFactory,
  type AutoencoderCodec,
} from '@transfusion/modality-image';
import { disposeParams } from '@transfusion/nn';
import { runAutoencoder, type AutoencoderRecipe } from '@transfusion/runs-autoencoder';
import { emojiPackages } from '../emoji-set.js';
import { progressReport } from '../progress-report.js';
import { fromRoot, runsFolder } from '../runs-folder.js';

/** The settings that all runs of a comparison share, and the adapters to compare. */
export interface AdapterSetup {
  /** Defaults to the recipe's. */
  readonly transformer?: EmojiLatentsOptions['transformer'];
  readonly latentShape: readonly [height: number, width: number, channels: number];
  /** See `EmojiLatentsOptions.shift`. */
  readonly shift: number;
  /** The adapters by name in the table. */
  readonly adapters: Readonly<Record<string, LatentPatches>>;
  /** Maximum number of images in a batch. */
  readonly spanCapacity: number;
  /** The folder of the cached latents. */
  readonly cache: string;
  /** Loads the autoencoder; trains it first if need be. */
  open(): Promise<AutoencoderCodec>;
}

/** An adapter with its patch size, and the number of rows of a batch of some 100 documents. */
export interface LatentPatches {
  readonly patchSize: 2 | 4;
  readonly adapter: AdapterFactory;
  readonly numRows: number;
}

const fineFolder = join(runsFolder, 'adapters', 'autoencoder');

/**
 * The setups by name on the command line. `small` is like the paper's smallest model: a transformer of few
 * parameters and latents of many positions. `emoji` has the transformer and the latents of `@transfusion/emoji`.
 */
export const adapterSetups: Readonly<Record<'small' | 'emoji', AdapterSetup>> = {
  small: {
    transformer: { modelDim: 128, numLayers: 6, numHeads: 2, ffnDim: 320, qkNorm: true },
    latentShape: [16, 16, 4],
    shift: 3,
    adapters: {
      'linear, latents': { patchSize: 4, adapter: linear(), numRows: 32 },
      'U-Net, latents': { patchSize: 4, adapter: unet({ channels: [16, 32, 64] }), numRows: 32 },
    },
    spanCapacity: 112,
    cache: join(fineFolder, 'cache'),
    open: openFineAutoencoder,
  },
  emoji: {
    latentShape: [8, 8, 8],
    shift: 2,
    adapters: {
      'linear, latents': { patchSize: 2, adapter: linear(), numRows: 32 },
      'U-Net, latents': { patchSize: 2, adapter: unet({ channels: [64, 128] }), numRows: 32 },
      // An image is 4 elements instead of 16: half the rows hold as many documents.
      'U-Net, 4x4 latents': { patchSize: 4, adapter: unet({ channels: [64, 128, 256] }), numRows: 16 },
    },
    spanCapacity: 128,
    cache: fromRoot('runs/emoji-latents/cache'),
    open: loadEmojiAutoencoder,
  },
};

/** An autoencoder of factor 4 (that of `@transfusion/emoji`: 8): 2.9 million parameters, twenty minutes. */
function fineAutoencoder(): AutoencoderRecipe {
  return {
    ...emojiAutoencoder({ resolveFrom: emojiPackages, styles: emojiStyles, totalSteps: 2400 }),
    name: 'emoji-autoencoder-4',
    autoencoder: { patchSize: 2, channels: [96, 128], latentChannels: 4, numBlocks: 1 },
  };
}

async function openFineAutoencoder(): Promise<AutoencoderCodec> {
  const recipe = fineAutoencoder();
  const flops = 3 * recipe.batch.numImages * createAutoencoder(recipe.autoencoder).flops(recipe.imageSize);
  const onStep = progressReport('autoencoder', recipe.totalSteps, () => flops);
  const { autoencoderPath, ema } = await runAutoencoder(recipe, { directory: fineFolder, onStep });
  disposeParams(ema);
  const trained = await readAutoencoder(autoencoderPath!);
  return autoencoderCodec({ ...trained, latentShapes: [adapterSetups.small.latentShape] });
}
