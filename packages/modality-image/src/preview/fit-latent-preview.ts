/** Fits the preview of a codec's latents. */
import { TransfusionError } from '@transfusion/errors';
import type { Latent, LatentCodec } from '@transfusion/modality';
import type { RgbImage } from '../rgb-image.js';
import { averageToGrid } from './average-to-grid.js';
import type { LatentPreview } from './latent-preview.js';
import { ridgeRegression } from './ridge-regression.js';

/** Number of images in memory at a time. */
const BATCH_SIZE = 16;

/**
 * Fits the preview of a codec: the linear map from its latents to what it decodes them to. Some dozens of various images
 * suffice. `writeAutoencoder` stores the map with an autoencoder, `writeLatentPreview` with a VAE in ONNX.
 *
 * @throws TransfusionError `invalid-argument` without images
 */
export async function fitLatentPreview(
  codec: Pick<LatentCodec<RgbImage>, 'encode' | 'decode'>,
  images: readonly RgbImage[],
): Promise<LatentPreview> {
  if (images.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      'fitLatentPreview: images is empty, expected some dozens of images like those to preview.',
    );
  }
  const [latents, pixels]: [Latent[], Latent[]] = [[], []];
  for (let start = 0; start < images.length; start += BATCH_SIZE) {
    const batch = await codec.encode(images.slice(start, start + BATCH_SIZE));
    const decoded = await codec.decode(batch);
    latents.push(...batch);
    pixels.push(...decoded.map((image, i) => averageToGrid(image, batch[i].shape)));
  }
  return ridgeRegression(latents, pixels);
}
