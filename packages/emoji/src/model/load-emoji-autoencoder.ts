import { join } from 'node:path';
import { autoencoderCodec, readAutoencoder, type AutoencoderCodec } from '@transfusion/modality-image';
import { emojiModelFolder } from './load-emoji.js';

/** Folder of the shipped autoencoder, for functions that take the folder of an autoencoder. */
export const emojiAutoencoderFolder = join(emojiModelFolder, 'modalities', 'image');

/** Shape of the latents of 64 × 64 pixels. */
const LATENT_SHAPE = [8, 8, 8] as const;

/**
 * Loads the shipped autoencoder on the active engine (see `selectEngine`): a codec between images, scaled and cropped to
 * 64 × 64 pixels, and latents [8, 8, 8].
 *
 * @throws TransfusionError `invalid-file` if the weights are damaged
 */
export async function loadEmojiAutoencoder(): Promise<AutoencoderCodec> {
  return autoencoderCodec({
    ...(await readAutoencoder(emojiAutoencoderFolder)),
    latentShapes: [LATENT_SHAPE],
  });
}
