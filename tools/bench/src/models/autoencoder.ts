/** The training step of an autoencoder as users run it: emoji of 64 × 64 pixels, AdamW, EMA. */
import { fileURLToPath } from 'node:url';
import { createDocumentStream } from '@transfusion/data';
import { emojiAutoencoder } from '@transfusion/emoji';
import {
  autoencoderModel,
  createAutoencoder,
  gaussianBottleneck,
  type AutoencoderBatch,
} from '@transfusion/modality-image';
import { streamImageBatches } from '@transfusion/runs-autoencoder';
import type { RatedTraining } from '../measures/training-rate.js';
import { rateTraining } from './rated-training.js';

const NUM_BATCHES = 2;

/** Training on a few real batches in turn, so that the data costs nothing. */
export async function startAutoencoderTraining(
  numImages: number,
): Promise<RatedTraining & { dispose(): void }> {
  const {
    autoencoder: config,
    imageSize,
    sources,
  } = emojiAutoencoder({
    resolveFrom: fileURLToPath(new URL('../..', import.meta.url)),
  });
  const model = autoencoderModel(gaussianBottleneck(createAutoencoder(config)));
  const { factor } = model.autoencoder;
  const noiseLength = (imageSize[0] / factor) * (imageSize[1] / factor) * config.latentChannels;
  const stream = createDocumentStream(await sources(), 1);
  const batches: AutoencoderBatch[] = [];
  for await (const { batch } of streamImageBatches(stream, { imageSize, numImages, noiseLength })) {
    batches.push(model.batchTensors(batch, model.lossCounts([batch])));
    if (batches.length === NUM_BATCHES) break;
  }
  // Forward, and twice that backward.
  return rateTraining(
    { name: 'autoencoder', flopsPerStep: 3 * numImages * model.autoencoder.flops(imageSize) },
    model,
    batches,
  );
}
