import { autoencoderCodec, readAutoencoder, type AutoencoderCodec } from '@transfusion/modality-image';
import { weightsFolder } from '../weights-folder.js';

/** The folder of the weights, for whatever takes an autoencoder's folder. */
export const emojiAutoencoderFolder = weightsFolder;

/** Latents of images of 64 × 64 pixels. */
const LATENT_SHAPE = [8, 8, 8] as const;

/**
 * Loads the autoencoder that the package carries, on the active engine (see `selectEngine`): a codec between images,
 * scaled and cropped to 64 × 64 pixels, and latents [8, 8, 8].
 *
 * @throws TransfusionError `invalid-file` if the weights are damaged
 */
export async function loadEmojiAutoencoder(): Promise<AutoencoderCodec> {
  return autoencoderCodec({
    ...(await readAutoencoder(emojiAutoencoderFolder)),
    latentShapes: [LATENT_SHAPE],
  });
}
