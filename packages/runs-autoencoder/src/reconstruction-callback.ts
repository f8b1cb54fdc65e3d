/** Reconstructs validation images during training, for scores in the log and a grid to look at. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { createDocumentStream } from '@transfusion/data';
import { peakSignalToNoise, structuralSimilarity } from '@transfusion/evaluators';
import {
  imageGrid,
  writePng,
  type AutoencoderBottleneck,
  type AutoencoderModelParams,
  type AutoencoderParams,
  type RgbImage,
} from '@transfusion/modality-image';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { TrainCallback } from '@transfusion/trainer';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import { streamImageBatches, toImages } from './image-batches.js';
import type { AutoencoderRunEvent } from './run-event.js';

const BATCH_SIZE = 16;

/** Number of images in the grid: originals in odd columns, with their reconstructions on the right. */
const NUM_SHOWN = 32;

/** Creates the callback that reconstructs validation images; undefined if the recipe has no evaluation. */
export async function reconstructionCallback<P extends AutoencoderParams>(
  { evaluation, validation, imageSize, seed }: AutoencoderRecipe,
  bottleneck: AutoencoderBottleneck<P>,
  onEvent?: (event: Extract<AutoencoderRunEvent, { type: 'reconstructions' }>) => void,
): Promise<(TrainCallback<AutoencoderModelParams<P>> & { dispose(): void }) | undefined> {
  if (evaluation === undefined || validation === undefined) return undefined;
  const { every, numImages } = evaluation;
  const stream = createDocumentStream(await validation(), seed);
  const reconstruct = jit((params: P, images: tf.Tensor4D) => bottleneck.reconstruct(params, images));
  return {
    every,
    dispose: () => reconstruct.dispose(),
    run: async ({ ema, step, directory, log }) => {
      const shown: RgbImage[] = [];
      let [psnr, ssim, done] = [0, 0, 0];
      for await (const { batch } of streamImageBatches(stream, {
        imageSize,
        numImages: BATCH_SIZE,
        noiseLength: 0,
      })) {
        const images = tf.tensor4d(batch.images, [...batch.imageShape]);
        const reconstructed = reconstruct(ema.autoencoder, images);
        const values = (await reconstructed.data()) as Float32Array;
        tf.dispose([images, reconstructed]);
        const originals = await toImages(batch.images, imageSize);
        (await toImages(values, imageSize)).forEach((image, i) => {
          psnr += peakSignalToNoise(originals[i], image);
          ssim += structuralSimilarity(originals[i], image);
          if (shown.length < 2 * NUM_SHOWN) shown.push(originals[i], image);
        });
        done += BATCH_SIZE;
        if (done >= numImages) break;
      }
      const scores = { psnr: psnr / done, ssim: ssim / done };
      await log({ 'validation/psnr': scores.psnr, 'validation/ssim': scores.ssim });
      const folder = join(directory, 'reconstructions');
      const path = join(folder, `step-${String(step).padStart(8, '0')}.png`);
      await mkdir(folder, { recursive: true });
      await writePng(path, imageGrid(shown));
      onEvent?.({ type: 'reconstructions', step, scores, path });
    },
  };
}
