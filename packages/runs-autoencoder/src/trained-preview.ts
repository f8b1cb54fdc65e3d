import { createDocumentStream } from '@transfusion/data';
import {
  autoencoderCodec,
  fitLatentPreview,
  type LatentPreview,
  type RgbImage,
  type TrainedAutoencoder,
} from '@transfusion/modality-image';
import { mapParams } from '@transfusion/nn';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import { streamImageBatches, toImages } from './image-batches.js';

const BATCH_SIZE = 16;

/** Fits the preview of a trained autoencoder's latents on `count` training images. */
export async function fitTrainedPreview(
  { sources, imageSize, seed }: Pick<AutoencoderRecipe, 'sources' | 'imageSize' | 'seed'>,
  { autoencoder, params, statistics }: TrainedAutoencoder,
  count: number,
): Promise<LatentPreview> {
  const stream = createDocumentStream(await sources(), seed);
  const images: RgbImage[] = [];
  for await (const { batch } of streamImageBatches(stream, {
    imageSize,
    numImages: BATCH_SIZE,
    noiseLength: 0,
    // Training has reported them.
    onSkip: () => undefined,
  })) {
    images.push(...(await toImages(batch.images, imageSize)));
    if (images.length >= count) break;
  }
  const [height, width] = imageSize;
  const { factor, config } = autoencoder;
  const codec = await autoencoderCodec({
    autoencoder,
    // The codec disposes of its parameters; those of the caller stay.
    params: mapParams(params, (tensor) => tensor.clone()),
    statistics,
    latentShapes: [[height / factor, width / factor, config.latentChannels]],
  });
  try {
    return await fitLatentPreview(codec, images);
  } finally {
    codec.dispose();
  }
}
