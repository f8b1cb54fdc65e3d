/** The Transfusion step with a U-Net adapter on latents, as `emojiLatents` trains it. */
import { fileURLToPath } from 'node:url';
import { trainingFlops } from '@transfusion/core';
import { createDocumentStream, streamBatches, type DocumentSource } from '@transfusion/data';
import { emojiLatents } from '@transfusion/emoji';
import type { CachedLatent, LatentCodec } from '@transfusion/modality';
import type { RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import { createModel } from '@transfusion/runs';
import type { RatedTraining } from '../measures/training-rate.js';
import { rateTraining } from './rated-training.js';

const LATENT_SHAPE = [8, 8, 8] as const;
const CODEC = 'none';
const NUM_BATCHES = 2;

/** Captions of ordinary length and latents that look like any: what they say does not change the time. */
const documents: DocumentSource = {
  name: 'latents',
  length: 256,
  locate: (index) => `latent ${index}`,
  read: async (index) => {
    const latent = { shape: LATENT_SHAPE, data: createRng(index).normals(8 * 8 * 8) };
    const value: CachedLatent = { kind: 'cached-latent', codec: CODEC, latent };
    return {
      segments: [
        { modality: 'text', value: 'red apple, noto'.slice(0, 8 + (index % 8)) },
        { modality: 'image', value },
      ],
    };
  },
};

const codec: LatentCodec<RgbImage> = {
  id: CODEC,
  encode: () => Promise.reject(new Error('latents are there already')),
  decode: () => Promise.reject(new Error('nothing is decoded')),
};

/** Training on a few batches in turn, so that the data costs nothing. */
export async function startLatentTraining(numRows: number): Promise<RatedTraining & { dispose(): void }> {
  const recipe = emojiLatents({ codec, resolveFrom: fileURLToPath(new URL('../..', import.meta.url)) });
  const model = createModel(recipe);
  const stream = createDocumentStream([{ source: documents }], 1);
  const shape = { ...recipe.batch, numRows };
  const batches = streamBatches(stream, { model, shape });
  const tensors: ReturnType<typeof model.batchTensors>[] = [];
  for (let i = 0; i < NUM_BATCHES; i++) tensors.push(model.batchTensors((await batches.next()).value.batch));
  return rateTraining({ name: 'latents', flopsPerStep: trainingFlops(model, shape) }, model, tensors);
}
