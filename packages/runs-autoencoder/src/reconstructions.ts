/** What an autoencoder makes of validation images: scores for the log, and a grid to look at. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { createDocumentStream } from '@transfusion/data';
import { peakSignalToNoise, structuralSimilarity } from '@transfusion/evaluators';
import { sizeOf } from '@transfusion/modality';
import { imageGrid, pixelCodec, writePng, type RgbImage } from '@transfusion/modality-image';
import type { Params } from '@transfusion/nn';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { TrainCallback } from '@transfusion/trainer';
import type { AutoencoderKind } from './autoencoder-kind.js';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import type { AutoencoderRunEvent } from './run-autoencoder.js';
import { streamImageBatches } from './image-batches.js';

/** Means over the validation images. */
export interface ReconstructionScores {
  /** Peak signal-to-noise ratio in decibels. */
  readonly psnr: number;
  /** Structural similarity, from -1 to 1. */
  readonly ssim: number;
}

const BATCH = 16;

/** Images of the grid: originals in odd columns, their reconstructions beside them. */
const SHOWN = 32;

/** A callback, if the recipe asks for one. */
export async function reconstructions<P extends Params>(
  { evaluation, validation, imageSize, seed }: AutoencoderRecipe,
  kind: Pick<AutoencoderKind<P, object>, 'reconstruct'>,
  onEvent?: (event: Extract<AutoencoderRunEvent, { type: 'reconstructions' }>) => void,
): Promise<(TrainCallback<P> & { dispose(): void }) | undefined> {
  if (evaluation === undefined || validation === undefined) return undefined;
  const { every, numImages } = evaluation;
  const stream = createDocumentStream(await validation(), seed);
  const reconstruct = jit((params: P, images: tf.Tensor4D) => kind.reconstruct(params, images));
  const shape = [...imageSize, 3];
  const { decode } = pixelCodec([shape]);
  const size = sizeOf(shape);
  const toImages = (numbers: Float32Array): Promise<readonly RgbImage[]> =>
    decode(
      Array.from({ length: numbers.length / size }, (_, i) => ({
        shape,
        data: numbers.subarray(i * size, (i + 1) * size),
      })),
    );
  return {
    every,
    dispose: () => reconstruct.dispose(),
    run: async ({ ema, step, directory, log }) => {
      const shown: RgbImage[] = [];
      let [psnr, ssim, done] = [0, 0, 0];
      for await (const { batch } of streamImageBatches(stream, {
        imageSize,
        numImages: BATCH,
        latentSize: 0,
      })) {
        const images = tf.tensor4d(batch.images, [...batch.imageShape]);
        const made = reconstruct(ema, images);
        const numbers = (await made.data()) as Float32Array;
        tf.dispose([images, made]);
        const originals = await toImages(batch.images);
        (await toImages(numbers)).forEach((image, i) => {
          psnr += peakSignalToNoise(originals[i], image);
          ssim += structuralSimilarity(originals[i], image);
          if (shown.length < 2 * SHOWN) shown.push(originals[i], image);
        });
        done += BATCH;
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
