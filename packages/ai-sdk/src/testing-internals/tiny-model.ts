/** An untrained model of texts, images and sounds. */
import * as tf from '@transfusion/tfjs';
import { createTransfusion, transformerConfig } from '@transfusion/core';
import { createModalityRegistry, type DiscreteModality, type ModalityRegistry } from '@transfusion/modality';
import { createVqAutoencoder, image, imageTokens } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { createRng } from '@transfusion/nn';
import type { TrainedModel } from '@transfusion/pipelines';

/** Sounds of four samples of eight levels. */
export const sound: DiscreteModality<'sound', readonly number[]> = {
  specificationVersion: 'v1',
  kind: 'discrete',
  name: 'sound',
  vocabSize: 8,
  tokensPerValue: 4,
  accepts: (value): value is readonly number[] => Array.isArray(value),
  encode: (samples) => Int32Array.from(samples),
  decode: (ids) => [...ids],
  media: {
    mediaType: 'audio/wav',
    extensions: ['.wav'],
    decode: async (bytes) => [...bytes.subarray(12)],
    encode: async (samples) => Uint8Array.from([...Buffer.from('RIFF....WAVE'), ...samples]),
  },
};

/** The latent shapes of its images: 4 × 4 and 8 × 4 pixels. */
const latentShapes = [
  [4, 4, 3],
  [4, 8, 3],
];

/** Creates a model, with images as latents or as tokens; or without images and sounds. */
export async function tinyModel(images: 'latents' | 'tokens' | 'none' = 'latents'): Promise<TrainedModel> {
  await tf.setBackend('cpu');
  const modalities = {
    latents: () => createModalityRegistry(text(), image({ latentShapes, patchSize: 2 }), sound),
    tokens: async () => createModalityRegistry(text(), await tinyImageTokens(), sound),
    none: () => createModalityRegistry(text()),
  };
  const model = createTransfusion({
    modalities: (await modalities[images]()) as unknown as ModalityRegistry,
    transformer: transformerConfig({ modelDim: 16, numLayers: 1, numHeads: 2, ffnDim: 32 }),
  });
  return { model, params: model.init(createRng(1)) } as unknown as TrainedModel;
}

/** Images of two tokens. */
function tinyImageTokens(): ReturnType<typeof imageTokens> {
  const sizes = { latentChannels: 2, codebookSize: 8, numBlocks: 1 };
  const autoencoder = createVqAutoencoder({ channels: [4, 4], ...sizes });
  return imageTokens({ autoencoder, params: autoencoder.init(createRng(2)), gridSize: [1, 2] });
}
