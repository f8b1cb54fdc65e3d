/** Images of several aspect ratios in one model, from documents to what it draws. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, generateDocuments, type GenerationRequest } from '@transfusion/core';
import {
  cacheLatents,
  captionPairs,
  createDocumentStream,
  streamBatches,
  type DocumentSource,
} from '@transfusion/data';
import { flowEuler, velocity } from '@transfusion/diffusion';
import { selectEngine } from '@transfusion/engine';
import { createModalityRegistry, decodeDocument, encodeDocument, type Segment } from '@transfusion/modality';
import {
  autoencoderCodec,
  createAutoencoder,
  image,
  isRgbImage,
  unet,
  type RgbImage,
} from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { createRng } from '@transfusion/nn';
import { beforeAll, describe, expect, test } from 'vitest';
import { defineRecipe } from './define-recipe.js';
import { runRecipe, type RunResult } from './run-recipe.js';

const COLORS = { red: [220, 30, 30], blue: [30, 60, 220] };

/** Sizes of images: landscape, square and portrait. */
const SIZES = {
  road: { width: 30, height: 20 },
  coin: { width: 20, height: 20 },
  tower: { width: 20, height: 30 },
};

const things = Object.entries(COLORS).flatMap(([color, rgb]) =>
  Object.entries(SIZES).map(([thing, { width, height }]) => ({
    caption: `${color} ${thing}`,
    rgb,
    image: {
      width,
      height,
      data: Uint8Array.from({ length: width * height * 3 }, (_, i) => rgb[i % 3]),
    },
  })),
);

const source: DocumentSource = {
  name: 'things',
  length: things.length,
  locate: (index) => things[index].caption,
  read: async (index) => ({
    segments: [
      { modality: 'text', value: things[index].caption },
      { modality: 'image', value: things[index].image },
    ],
  }),
};

const small = { numLayers: 3, modelDim: 64, numHeads: 2, ffnDim: 128, qkNorm: true };

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'several-shapes-'));

/** Generates what follows each prompt. */
async function answers(
  { model, ema }: RunResult,
  prompts: readonly Segment[],
  request: Partial<GenerationRequest>,
): Promise<Segment[][]> {
  const requests = prompts.map(async (prompt, seed) => ({
    prompt: await encodeDocument(model.modalities, { segments: [prompt] }),
    seed,
    tokenSampling: { temperature: 0 },
    spanSampling: { numInferenceSteps: 10, guidanceScale: 1 },
    ...request,
  }));
  const engine = createEngine(model, ema);
  const documents = await generateDocuments(engine, await Promise.all(requests));
  engine.dispose();
  return Promise.all(documents.map((document) => decodeDocument(model.modalities, document)));
}

const captions = things.map(({ caption }): Segment => ({ modality: 'text', value: caption }));

/** The images of documents that have one each. */
function imagesOf(documents: readonly Segment[][]): RgbImage[] {
  return documents.map(([{ value }]) => (isRgbImage(value) ? value : expect.unreachable('no image')));
}

const sizeOf = ({ width, height }: RgbImage): string => `${width}x${height}`;

beforeAll(() => selectEngine('onnxruntime'));

describe('a model of pixels in three shapes', () => {
  const modalities = createModalityRegistry(
    text(),
    image({
      latentShapes: [
        [8, 8, 3],
        [8, 12, 3],
        [12, 8, 3],
      ],
      positionEmbedding: 'axial',
      diffusion: flowEuler({ predictionType: 'sample', lossWeighting: velocity(0.2) }),
    }),
  );
  const recipe = defineRecipe({
    name: 'things',
    modalities,
    transformer: small,
    sources: () => [{ source, transform: captionPairs({ captionFirst: 0.5 }) }],
    batch: { numRows: 8, rowLength: 64 },
    optimizer: { learningRate: 4e-3, warmupSteps: 10, weightDecay: 0, emaDecay: 0.95 },
    totalSteps: 160,
  });
  const expectedSizes = ['12x8', '8x8', '8x12', '12x8', '8x8', '8x12'];
  let run: RunResult;

  beforeAll(async () => {
    run = await runRecipe(recipe, { directory: await newFolder() });
  }, 120_000);

  test('trains on all of them in one batch', async () => {
    const stream = createDocumentStream(await recipe.sources(), 0);
    const { value } = await streamBatches(stream, { model: run.model, shape: recipe.batch }).next();
    expect(value.batch.groups.map(({ key, numSpans }) => [key, numSpans > 3])).toEqual([
      ['image:8x8x3', true],
      ['image:8x12x3', true],
      ['image:12x8x3', true],
    ]);
  });

  test('generates the learned shape in a document', async () => {
    const documents = await answers(run, captions, { maxTokens: 8 });
    expect(documents.map((segments) => segments.map(({ modality }) => modality))).toEqual(
      things.map(() => ['image']),
    );
    expect(imagesOf(documents).map(sizeOf)).toEqual(expectedSizes);
  });

  test('generates the learned shape, and the prompted image', async () => {
    const generated = imagesOf(
      await answers(run, captions, { firstSpan: { modality: 'image' }, maxTokens: 0 }),
    );
    expect(generated.map(sizeOf)).toEqual(expectedSizes);
    generated.forEach(({ data }, i) => {
      const { caption, rgb } = things[i];
      const error = data.reduce((sum, value, at) => sum + Math.abs(value - rgb[at % 3]), 0) / data.length;
      // The other color is 130 away, gray about 85.
      expect(error, caption).toBeLessThan(40);
    });
  });

  test('generates the requested shape', async () => {
    const firstSpan = { modality: 'image', latentShape: [8, 12, 3] };
    const generated = imagesOf(await answers(run, captions, { firstSpan, maxTokens: 0 }));
    expect(new Set(generated.map(sizeOf))).toEqual(new Set(['12x8']));
  });

  test('captions images of each shape', async () => {
    const images = things.map(({ image }): Segment => ({ modality: 'image', value: image }));
    const documents = await answers(run, images, { minTokens: 1, maxTokens: 12, maxSpans: 0 });
    expect(documents.map(([{ value }]) => value)).toEqual(things.map(({ caption }) => caption));
  });
});

test('an autoencoder, cached latents and a U-Net support several shapes', async () => {
  const latentShapes = [
    [4, 4, 2],
    [4, 6, 2],
    [6, 4, 2],
  ];
  const autoencoder = createAutoencoder({ channels: [4, 8], latentChannels: 2, numBlocks: 1 });
  const codec = await autoencoderCodec({
    autoencoder,
    params: autoencoder.init(createRng(1)),
    latentShapes,
    statistics: { mean: [0, 0], stddev: [1, 1] },
  });
  const adapter = unet({ channels: [8, 16] });
  const modality = image({ latentShapes, codec, patchSize: 2, adapter, positionEmbedding: 'axial' });
  const directory = await newFolder();
  const recipe = defineRecipe({
    name: 'latent things',
    modalities: createModalityRegistry(text(), modality),
    transformer: { ...small, numLayers: 1 },
    sources: async () => [
      {
        source: await cacheLatents(source, { modality, directory: join(directory, 'cache') }),
        transform: captionPairs(),
      },
    ],
    batch: { numRows: 4, rowLength: 64 },
    optimizer: { warmupSteps: 0 },
    totalSteps: 2,
  });
  const losses: number[] = [];
  const run = await runRecipe(recipe, { directory, onStep: ({ loss }) => losses.push(loss) });
  expect(losses.map(Number.isFinite)).toEqual([true, true]);
  for (const [h, w, C] of latentShapes) {
    const firstSpan = { modality: 'image', latentShape: [h, w, C] };
    const [image] = imagesOf(await answers(run, captions.slice(0, 1), { firstSpan, maxTokens: 0 }));
    expect(image).toMatchObject({ width: 2 * w, height: 2 * h });
  }
}, 60_000);
