import * as tf from '@transfusion/tfjs';
import { createDocumentStream } from '@transfusion/data';
import type { Autoencoder, AutoencoderParams, LatentStatistics } from '@transfusion/modality-image';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import { streamImageBatches } from './image-batches.js';

const BATCH_SIZE = 16;

/** Measures the per-channel mean and standard deviation of the latents of `count` training images. */
export async function measureLatentStatistics(
  { sources, imageSize, seed }: Pick<AutoencoderRecipe, 'sources' | 'imageSize' | 'seed'>,
  autoencoder: Autoencoder,
  params: AutoencoderParams,
  count: number,
): Promise<LatentStatistics> {
  const stream = createDocumentStream(await sources(), seed);
  const C = autoencoder.config.latentChannels;
  const encode = jit((images: tf.Tensor4D) => autoencoder.encode(params, images).mean);
  const sums = new Float64Array(C);
  const squares = new Float64Array(C);
  let [done, positions] = [0, 0];
  for await (const { batch } of streamImageBatches(stream, {
    imageSize,
    numImages: BATCH_SIZE,
    noiseLength: 0,
  })) {
    const images = tf.tensor4d(batch.images, [...batch.imageShape]);
    const latents = encode(images);
    const values = await latents.data();
    tf.dispose([images, latents]);
    values.forEach((value, i) => {
      sums[i % C] += value;
      squares[i % C] += value ** 2;
    });
    positions += values.length / C;
    done += BATCH_SIZE;
    if (done >= count) break;
  }
  encode.dispose();
  const mean = Array.from(sums, (sum) => sum / positions);
  const variance = mean.map((value, c) => squares[c] / positions - value ** 2);
  // A constant channel has no deviation to scale by.
  const stddev = variance.map((value, c) => (value > 1e-9 * (1 + mean[c] ** 2) ? Math.sqrt(value) : 1));
  return { mean, stddev };
}
