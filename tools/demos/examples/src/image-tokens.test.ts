/** Images as tokens (the paper's baseline): a tiny model learns to generate images by name. */
import * as tf from '@transfusion/tfjs';
import {
  assembleBatch,
  createRowPacker,
  createTransfusion,
  sampleNoise,
  createEngine,
  generateDocuments,
  layoutDocument,
  transformerConfig,
  type TrainingBatch,
  type TrainingSequence,
  type TransfusionParams,
} from '@transfusion/core';
import { createModalityRegistry, decodeDocument, encodeDocument } from '@transfusion/modality';
import { createVqAutoencoder, imageTokens, type RgbImage } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { adamW, createRng, valueAndGrad, type AdamWState } from '@transfusion/nn';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { expect, test } from 'vitest';

const NAMES = ['red', 'green', 'blue', 'white'];

/** 8 x 8 pixels: the color above a diagonal, black below. */
function image(index: number): RgbImage {
  const color = index === 3 ? [255, 255, 255] : [0, 1, 2].map((c) => (c === index ? 255 : 0));
  const pixels = Array.from({ length: 64 }, (_, i) => (i % 8 > Math.floor(i / 8) ? color : [0, 0, 0]));
  return { width: 8, height: 8, data: Uint8Array.from(pixels.flat()) };
}

test(
  'a model of text and image tokens learns to generate the image that a word names',
  { timeout: 120_000 },
  async () => {
    await tf.setBackend('onnxruntime');
    // Not trained: its tokens tell the images apart, and that is all that is asked of it here.
    const autoencoder = createVqAutoencoder({
      channels: [4, 8],
      latentChannels: 2,
      numBlocks: 1,
      codebookSize: 32,
    });
    const params = autoencoder.init(createRng(1));
    const images = await imageTokens({ autoencoder, params, gridSize: [4, 4] });
    const modalities = createModalityRegistry(text(), images);
    const model = createTransfusion({
      transformer: transformerConfig({ numLayers: 2, modelDim: 32, numHeads: 2, ffnDim: 64 }),
      modalities,
    });
    expect(model.vocabulary.tokensOf('image').size).toBe(32);

    const documents = await Promise.all(
      NAMES.map((name, index) => {
        const segments = [
          { modality: 'text', value: name },
          { modality: 'image', value: image(index) },
        ];
        return encodeDocument(modalities, { segments });
      }),
    );
    const shape = { numRows: 4, rowLength: 24, spanCapacity: {} };
    const packer = createRowPacker<TrainingSequence>(shape, ({ layout }) => layout);
    documents.forEach((document, i) => {
      const layout = layoutDocument(modalities, model.vocabulary, document);
      packer.add(sampleNoise(modalities, layout, createRng(i)));
    });
    const batch = model.batchTensors(assembleBatch(modalities, model.vocabulary, shape, packer.rows));

    const optimizer = adamW({ weightDecay: 0 });
    const step = jit(
      (weights: TransfusionParams, state: AdamWState, data: TrainingBatch, rate: tf.Scalar) => {
        const { loss, gradients } = valueAndGrad((p: TransfusionParams) => model.loss(p, data), weights);
        return { loss, ...optimizer.update(weights, gradients, state, rate) };
      },
    );
    let weights = model.init(createRng(2));
    let state = optimizer.init(weights);
    const losses: number[] = [];
    for (let i = 0; i < 120; i++) {
      const result = step(weights, state, batch, tf.scalar(0.01));
      ({ params: weights, state } = result);
      losses.push(result.loss.dataSync()[0]);
    }
    // 290 tokens by chance.
    expect(losses[0]).toBeGreaterThan(5);
    // What the first letter does not tell is which word comes, and nothing else.
    expect(losses[119]).toBeLessThan(0.25);

    const generated = await generateDocuments(
      createEngine(model, weights),
      NAMES.map((name) => ({
        prompt: [{ modality: 'text', ids: text().encode(name) }],
        seed: 1,
        maxTokens: 20,
        tokenSampling: { temperature: 0 },
      })),
    );
    expect(generated).toEqual(documents.map(([, ids]) => [ids]));
    const [[{ value }]] = [await decodeDocument(modalities, generated[0])];
    expect(value).toMatchObject({ width: 8, height: 8 });
  },
);
