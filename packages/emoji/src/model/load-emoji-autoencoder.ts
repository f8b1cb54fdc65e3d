import { fileURLToPath } from 'node:url';
import type { LatentCodec } from '@transfusion/modality';
import { autoencoderCodec, readAutoencoder, type RgbImage } from '@transfusion/modality-image';
import { disposeParams } from '@transfusion/nn';

/** The folder of the weights, for whatever takes an autoencoder's folder. */
export const emojiAutoencoderFolder = fileURLToPath(new URL('../weights', import.meta.url));

/** Of images of 64 × 64 pixels. */
const LATENT_SHAPE = [8, 8, 8] as const;

/** A codec, and the way to free its weights. */
export interface EmojiAutoencoder {
  /** Between images, scaled and cropped to 64 × 64 pixels, and latents [8, 8, 8]. */
  readonly codec: LatentCodec<RgbImage>;
  /** Frees the weights; the codec is of no use afterwards. */
  dispose(): void;
}

/**
 * Loads the autoencoder that the package carries, on the active engine (see `selectEngine`).
 *
 * @throws TransfusionError `invalid-file` if the weights are damaged
 */
export async function loadEmojiAutoencoder(): Promise<EmojiAutoencoder> {
  const trained = await readAutoencoder(emojiAutoencoderFolder);
  const codec = await autoencoderCodec({ ...trained, latentShapes: [LATENT_SHAPE] });
  return { codec, dispose: () => disposeParams(trained.params) };
}
