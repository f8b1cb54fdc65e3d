/** The VQ autoencoder of the experiment `chameleon`: that of the run `emoji-vq-autoencoder`, or a smaller one trained here. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { emojiStyles, emojiVqAutoencoder } from '@transfusion/emoji';
import {
  createVqAutoencoder,
  imageTokens,
  readVqAutoencoder,
  type ImageTokens,
  type VqAutoencoderConfig,
} from '@transfusion/modality-image';
import { disposeParams } from '@transfusion/nn';
import { runAutoencoder, type AutoencoderRecipe } from '@transfusion/runs-autoencoder';
import { emojiPackages } from '../emoji-set.js';
import { progressReport } from '../progress-report.js';
import { fromRoot, runsFolder } from '../runs-folder.js';

/** Written by `transfusion train emoji-vq-autoencoder`. */
const FULL_SIZE = fromRoot('runs/emoji-vq-autoencoder/autoencoder');

/**
 * Loads the VQ autoencoder as a modality of 8 × 8 tokens. If there is no run of the recipe of full size, trains one of two
 * fifths of its operations, or goes on where that was interrupted.
 */
export async function openVqAutoencoder(totalSteps: number): Promise<ImageTokens> {
  const folder = existsSync(FULL_SIZE) ? FULL_SIZE : await trainSmall(totalSteps);
  return imageTokens({ ...(await readVqAutoencoder(folder)), gridSize: [8, 8] });
}

/** Returns the recipe of the small VQ autoencoder. */
function smallVqAutoencoder(totalSteps: number): AutoencoderRecipe {
  const recipe = emojiVqAutoencoder({ resolveFrom: emojiPackages, styles: emojiStyles, totalSteps });
  return {
    ...recipe,
    autoencoder: { ...recipe.autoencoder, channels: [64, 96, 128] },
    evaluation: undefined,
  };
}

async function trainSmall(totalSteps: number): Promise<string> {
  const recipe = smallVqAutoencoder(totalSteps);
  const { flops } = createVqAutoencoder(recipe.autoencoder as VqAutoencoderConfig);
  const stepFlops = 3 * recipe.batch.numImages * flops(recipe.imageSize);
  const directory = join(runsFolder, 'chameleon', `vq-autoencoder-${totalSteps}-steps`);
  const onStep = progressReport('VQ autoencoder', totalSteps, () => stepFlops);
  const { autoencoderPath, ema } = await runAutoencoder(recipe, { directory, onStep });
  disposeParams(ema);
  return autoencoderPath!;
}
