import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { flowEuler } from '@transfusion/diffusion';
import { beforeAll, describe, it } from 'vitest';
import { continuousModalityChecks, type ContinuousModalityExamples } from '@transfusion/modality/testing';
import { createRng } from '@transfusion/nn';
import { autoencoderCodec } from './autoencoder/autoencoder-codec.js';
import { createAutoencoder } from './autoencoder/autoencoder.js';
import { imageFactory } from './image-factory.js';
import { image } from './image-modality.js';
import type { RgbImage } from './rgb-image.js';
import { unet } from './unet-adapter.js';

const noise = (width: number, height: number): RgbImage => {
  const values = createRng(width).uniforms(width * height * 3);
  return { width, height, data: Uint8Array.from(values, (value) => value * 256) };
};
const examples: ContinuousModalityExamples<RgbImage> = {
  values: [noise(8, 8), noise(12, 4)],
  distance: ({ data }, decoded) => Math.max(...data.map((value, i) => Math.abs(value - decoded.data[i]))),
  tolerance: 0,
  foreignValues: ['an image', { width: 1, height: 1, data: new Uint8Array(4) }],
};
const latentShapes = [
  [8, 8, 3],
  [4, 12, 3],
];

const autoencoder = createAutoencoder({ channels: [4, 8], latentChannels: 2, numBlocks: 1 });
const encodedShapes = [
  [4, 4, 2],
  [2, 6, 2],
];
await tf.setBackend('cpu');
const codec = await autoencoderCodec({
  autoencoder,
  params: autoencoder.init(createRng(1)),
  latentShapes: encodedShapes,
  statistics: { mean: [0.1, -0.1], stddev: [0.5, 2] },
  preview: {
    weights: [
      [0.5, 0.25, -1],
      [0, 0.125, 2],
    ],
    bias: [0.1, 0, -0.2],
  },
});

/**
 * Nobody trained the codec: images come back in their size, but show nothing of what they showed. That a
 * trained one comes near them is the training's own test.
 */
const untrained: ContinuousModalityExamples<RgbImage> = {
  ...examples,
  distance: (original, decoded) =>
    Math.hypot(original.width - decoded.width, original.height - decoded.height),
};

const rebuiltUntrained = { ...untrained, factory: imageFactory() };
const rebuilt = { ...examples, factory: imageFactory() };

const modalities: [string, ReturnType<typeof image>, ContinuousModalityExamples<RgbImage>][] = [
  ['pixels', image({ latentShapes, patchSize: 2, positionEmbedding: 'axial' }), rebuilt],
  [
    'pixels, U-Net with patches of 2',
    image({ latentShapes, patchSize: 2, adapter: unet({ channels: [8, 16] }), diffusion: flowEuler() }),
    rebuilt,
  ],
  [
    'pixels, U-Net with patches of 4 and position embeddings',
    image({
      latentShapes,
      patchSize: 4,
      adapter: unet({ channels: [4, 4, 8], numBlocks: 2 }),
      positionEmbedding: 'axial',
    }),
    rebuilt,
  ],
  ['autoencoder', image({ latentShapes: encodedShapes, codec, patchSize: 2 }), rebuiltUntrained],
  [
    'autoencoder, U-Net with patches of 2',
    image({ latentShapes: encodedShapes, codec, patchSize: 2, adapter: unet({ channels: [4, 8] }) }),
    rebuiltUntrained,
  ],
];

describe.each(['cpu', 'onnxruntime'])('on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });
  describe.each(modalities)('%s', (_, modality, of) => {
    const checks = continuousModalityChecks(modality, of);
    it.each(checks.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run());
  });
});
