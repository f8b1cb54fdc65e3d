/** Models with image adapters: a request gives the same bits alone and among others that come and go. */
import * as tf from '@transfusion/tfjs';
import {
  createEngine,
  createTransfusion,
  transformerConfig,
  type GenerationEngine,
  type GenerationRequest,
  type RequestEvent,
} from '@transfusion/core';
import { ddpm, dpmSolverPlusPlus, flowEuler } from '@transfusion/diffusion';
import { createModalityRegistry, type EncodedDocument } from '@transfusion/modality';
import { image, linear, unet } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { createRng, mapParams, type Rng } from '@transfusion/nn';
import { beforeAll, expect, it } from 'vitest';

beforeAll(() => tf.setBackend('onnxruntime'));

const latentShapes = [
  [8, 8, 3],
  [4, 12, 3],
];
const modalitiesWith = (options: Omit<Parameters<typeof image>[0], 'latentShapes' | 'patchSize'>) =>
  createModalityRegistry(text(), image({ latentShapes, patchSize: 2, ...options }));

/** A random request for an image, a caption, or a document of both. */
function anyRequest(rng: Rng): GenerationRequest {
  const integer = (below: number): number => Math.floor(rng.uniform() * below);
  const letters = { modality: 'text', ids: Int32Array.from({ length: integer(40) }, () => 97 + integer(26)) };
  const shape = latentShapes[integer(2)];
  const photo = { modality: 'image', latent: { shape, data: rng.normals(shape.reduce((a, b) => a * b)) } };
  const prompt: EncodedDocument = [[letters], [photo], [photo, letters], []][integer(4)];
  const spanSampling = {
    numInferenceSteps: 2 + integer(3),
    guidanceScale: [1, 3][integer(2)],
    spanGuidanceScale: 2,
  };
  const request = { prompt, seed: integer(1000), spanSampling };
  const kind = integer(3);
  if (kind === 0) return { ...request, maxTokens: 1 + integer(12), maxSpans: 0 };
  if (kind === 1) return { ...request, firstSpan: { modality: 'image', latentShape: shape }, maxTokens: 0 };
  return { ...request, firstSpan: { modality: 'image' }, maxTokens: 3, maxSpans: 2 };
}

async function eventsOf(engine: GenerationEngine, request: GenerationRequest): Promise<RequestEvent[]> {
  const events: RequestEvent[] = [];
  for await (const event of engine.submit(request)) events.push(event);
  return events;
}

async function ticks(engine: GenerationEngine, count: number): Promise<void> {
  const end = engine.stats.numTicks + count;
  while (engine.stats.numTicks < end && engine.stats.numRequests > 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it.each([
  ['U-Net adapter, flow', { adapter: unet({ channels: [16, 32] }), diffusion: flowEuler() }],
  ['linear adapter, DDPM', { adapter: linear(), diffusion: ddpm() }],
  ['grid positions, DPM-Solver++', { positionEmbedding: 'axial', diffusion: dpmSolverPlusPlus() }],
] as const)('%s', async (_, options) => {
  const transformer = transformerConfig({ numLayers: 2, modelDim: 64, numHeads: 4, ffnDim: 96 });
  const model = createTransfusion({ transformer, modalities: modalitiesWith(options) });
  const rng = createRng(3);
  const params = mapParams(model.init(rng), (tensor, path) =>
    tensor.add(tf.tensor(rng.fork(path).normals(tensor.size), tensor.shape).mul(0.05)),
  );
  const watched = Array.from({ length: 4 }, (__, i) => anyRequest(rng.fork(i)));
  const alone: RequestEvent[][] = [];
  for (const request of watched) {
    const engine = createEngine(model, params);
    alone.push(await eventsOf(engine, request));
    engine.dispose();
  }
  const engine = createEngine(model, params, { maxRows: 9 });
  const found: Promise<RequestEvent[]>[] = [];
  const others: Promise<unknown>[] = [];
  for (let i = 0; i < 30; i++) {
    const turn = rng.fork(`other ${i}`);
    const controller = new AbortController();
    const other = engine.submit(anyRequest(turn), { signal: controller.signal });
    others.push(
      (async () => {
        for await (const event of other) void event;
      })().catch((error: unknown) => expect(error).toBe(controller.signal.reason)),
    );
    if (turn.uniform() < 0.4) {
      void ticks(engine, Math.floor(turn.uniform() * 8)).then(() => controller.abort());
    }
    if (i % 8 === 3) found.push(eventsOf(engine, watched[found.length]));
    await ticks(engine, Math.floor(turn.uniform() * 4));
  }
  expect(await Promise.all(found)).toEqual(alone);
  await Promise.all(others);
  expect(engine.stats).toMatchObject({ numRequests: 0, numRows: 0, cacheBytes: 0 });
  engine.dispose();
});
