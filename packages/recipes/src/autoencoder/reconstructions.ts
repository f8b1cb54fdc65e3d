/** What an autoencoder makes of held-out pictures: scores for the log, and a grid to look at. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { createDocumentStream } from '@transfusion/data';
import { peakSignalToNoise, structuralSimilarity } from '@transfusion/evaluators';
import { pixelCodec, writePng, type RgbImage } from '@transfusion/modality-image';
import { sizeOf } from '@transfusion/modality';
import type { Params } from '@transfusion/nn';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { TrainCallback } from '@transfusion/trainer';
import { pictureGrid } from '../picture-grid.js';
import type { AutoencoderKind } from './autoencoder-kind.js';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import type { AutoencoderRunEvent } from './run-autoencoder.js';
import { streamPictureBatches } from './picture-batches.js';

/** Means over the held-out pictures. */
export interface ReconstructionScores {
  /** Peak signal-to-noise ratio in decibels. */
  readonly psnr: number;
  /** Structural similarity, from -1 to 1. */
  readonly ssim: number;
}

const BATCH = 16;

/** Pictures of the grid: originals in odd columns, their reconstructions beside them. */
const SHOWN = 32;

/** A callback, if the recipe asks for one. */
export async function reconstructions<P extends Params>(
  { evaluation, heldOut, imageSize, seed }: AutoencoderRecipe,
  kind: Pick<AutoencoderKind<P, object>, 'reconstruct'>,
  onEvent?: (event: Extract<AutoencoderRunEvent, { type: 'reconstructions' }>) => void,
): Promise<(TrainCallback<P> & { dispose(): void }) | undefined> {
  if (evaluation === undefined || heldOut === undefined) return undefined;
  const { every, numImages } = evaluation;
  const stream = createDocumentStream(await heldOut(), seed);
  const reconstruct = jit((params: P, images: tf.Tensor4D) => kind.reconstruct(params, images));
  const shape = [...imageSize, 3];
  const { decode } = pixelCodec([shape]);
  const size = sizeOf(shape);
  const toPictures = (numbers: Float32Array): Promise<readonly RgbImage[]> =>
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
      for await (const { batch } of streamPictureBatches(stream, {
        imageSize,
        numImages: BATCH,
        latentSize: 0,
      })) {
        const images = tf.tensor4d(batch.images, [...batch.imageShape]);
        const made = reconstruct(ema, images);
        const numbers = (await made.data()) as Float32Array;
        tf.dispose([images, made]);
        const originals = await toPictures(batch.images);
        (await toPictures(numbers)).forEach((picture, i) => {
          psnr += peakSignalToNoise(originals[i], picture);
          ssim += structuralSimilarity(originals[i], picture);
          if (shown.length < 2 * SHOWN) shown.push(originals[i], picture);
        });
        done += BATCH;
        if (done >= numImages) break;
      }
      const scores = { psnr: psnr / done, ssim: ssim / done };
      await log({ 'held-out/psnr': scores.psnr, 'held-out/ssim': scores.ssim });
      const folder = join(directory, 'reconstructions');
      const path = join(folder, `step-${String(step).padStart(8, '0')}.png`);
      await mkdir(folder, { recursive: true });
      await writePng(path, pictureGrid(shown));
      onEvent?.({ type: 'reconstructions', step, scores, path });
    },
  };
}
