/** The training step of an autoencoder as users run it: emoji of 64 × 64 pixels, AdamW, running mean. */
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { createDocumentStream } from '@transfusion/data';
import { autoencoderModel, createAutoencoder, type AutoencoderBatch } from '@transfusion/modality-image';
import { adamW, createRng, disposeParams } from '@transfusion/nn';
import { emojiAutoencoder, streamPictureBatches } from '@transfusion/recipes';
import { createTrainStep } from '@transfusion/trainer';
import type { RatedTraining } from '../measures/training-rate.js';

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
    from: fileURLToPath(new URL('../..', import.meta.url)),
  });
  const model = autoencoderModel(createAutoencoder(config));
  const { factor } = model.autoencoder;
  const latentSize = (imageSize[0] / factor) * (imageSize[1] / factor) * config.latentChannels;
  const stream = createDocumentStream(await sources(), 1);
  const batches: AutoencoderBatch[] = [];
  for await (const { batch } of streamPictureBatches(stream, { imageSize, numImages, latentSize })) {
    batches.push(model.batchTensors(batch, model.lossCounts([batch])));
    if (batches.length === NUM_BATCHES) break;
  }
  const trainStep = createTrainStep(model, { optimizer: adamW() });
  let state = trainStep.init(model.init(createRng(1)));
  let steps = 0;
  return {
    // Forward, and twice that backward.
    model: { name: 'autoencoder', flopsPerStep: 3 * numImages * model.autoencoder.flops(imageSize) },
    step() {
      const result = trainStep.run(state, [batches[steps++ % NUM_BATCHES]], {
        learningRate: 3e-4,
        emaDecay: 0.999,
      });
      state = result.state;
      const loss = result.report.loss.dataSync()[0];
      tf.dispose(result.report);
      return loss;
    },
    dispose() {
      trainStep.dispose();
      disposeParams(state);
      batches.forEach((batch) => tf.dispose(batch));
    },
  };
}
