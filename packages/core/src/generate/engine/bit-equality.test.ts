/** On the `onnxruntime` backend a request gives the same bits alone and among others that come and go. */
import * as tf from '@transfusion/tfjs';
import { configureOnnxRuntime } from '@transfusion/tfjs-backend-onnxruntime';
import { createRng, type Rng } from '@transfusion/nn';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strip, text, warmParams } from '../../testing-internals/toy-documents.js';
import { toyModel } from '../../testing-internals/toy-modalities.js';
import { spanGroupKinds } from '../../sequence/span-groups.js';
import type { RequestEvent } from '../decisions.js';
import type { GenerationRequest } from '../request.js';
import { createEngine, type GenerationEngine } from './engine.js';
import { createStepRunner } from './step-runner.js';

beforeAll(() => tf.setBackend('onnxruntime'));

const models = [
  ['shared weights', {}],
  ['weights per modality', { weights: 'per-modality' }],
  ['grouped-query attention and query-key norms', { numKvHeads: 1, qkNorm: true }],
] as const;

/** A random request of tokens, of spans, or of both. */
function anyRequest(rng: Rng): GenerationRequest {
  const integer = (below: number): number => Math.floor(rng.uniform() * below);
  const letters = (length: number) => text(Array.from({ length }, () => 'abcdef'[integer(6)]).join(''));
  const numbers = (length: number) => [...rng.normals(length)];
  const prompt = [
    [letters(1 + integer(90))],
    [strip(numbers(4)), letters(3)],
    [letters(2), strip(numbers(6), 'wave')],
    [],
  ][integer(4)];
  const guidance = [1, 2.5][integer(2)];
  const spanSampling = { numInferenceSteps: 1 + integer(4), guidanceScale: guidance, spanGuidanceScale: 1.5 };
  const request = { prompt, seed: integer(1000), spanSampling, tokenSampling: { temperature: 1.5 } };
  if (integer(3) === 0) return { ...request, maxTokens: 1 + integer(20), maxSpans: 0 };
  const modality = ['strip', 'wave'][integer(2)];
  const latentShape = [[4], [6]][integer(2)];
  if (integer(2) === 0) return { ...request, firstSpan: { modality, latentShape }, maxTokens: 0 };
  return { ...request, firstSpan: { modality }, maxTokens: 6, maxSpans: 2 };
}

async function eventsOf(engine: GenerationEngine, request: GenerationRequest): Promise<RequestEvent[]> {
  const events: RequestEvent[] = [];
  for await (const event of engine.submit(request)) events.push(event);
  return events;
}

/** Waits until the engine has made this many more calls. */
async function ticks(engine: GenerationEngine, count: number): Promise<void> {
  const end = engine.stats.numTicks + count;
  while (engine.stats.numTicks < end && engine.stats.numRequests > 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe.each(models)('with %s', (_, transformer) => {
  it('a request is the same alone and among thirty that arrive and leave at random ticks', async () => {
    const model = toyModel(transformer);
    const params = warmParams(model);
    const rng = createRng(5);
    const watched = Array.from({ length: 6 }, (__, i) => anyRequest(rng.fork(i)));
    const alone: RequestEvent[][] = [];
    for (const request of watched) {
      // An engine of its own: nothing is shared with what ran before.
      const engine = createEngine(model, params);
      alone.push(await eventsOf(engine, request));
      engine.dispose();
    }
    const engine = createEngine(model, params, { maxRows: 7 });
    const found = watched.map(() => eventsOf(engine, { prompt: [], seed: 0, maxTokens: 1, maxSpans: 0 }));
    const others: Promise<unknown>[] = [];
    for (let i = 0; i < 30; i++) {
      const turn = rng.fork(`other ${i}`);
      const controller = new AbortController();
      const events = engine.submit(anyRequest(turn), { signal: controller.signal });
      others.push(
        (async () => {
          for await (const event of events) void event;
        })().catch((error: unknown) => expect(error).toBe(controller.signal.reason)),
      );
      if (turn.uniform() < 0.5) {
        void ticks(engine, Math.floor(turn.uniform() * 6)).then(() => controller.abort());
      }
      if (i % 5 === 2) found[Math.floor(i / 5)] = eventsOf(engine, watched[Math.floor(i / 5)]);
      await ticks(engine, Math.floor(turn.uniform() * 4));
    }
    expect(await Promise.all(found)).toEqual(alone);
    await Promise.all(others);
    expect(engine.stats).toMatchObject({ numRequests: 0, numRows: 0, cacheBytes: 0 });
    engine.dispose();
  });

  it('a row is the same in any place, among any others, in caches of any capacity', () => {
    const model = toyModel(transformer);
    const params = warmParams(model);
    const rng = createRng(6);
    const integer = (below: number): number => Math.floor(rng.uniform() * below);
    const [group] = spanGroupKinds(model.modalities);
    const runner = createStepRunner(model, params);
    const { cache } = runner;
    const ids = Array.from({ length: 40 }, () => 1 + integer(6));
    const latent = rng.normals(4);
    /** The results of a row of 40 tokens, together with rows of other tokens. */
    const resultsAmong = (before: number, after: number, grow: boolean): Float32Array[] => {
      const piece = (tokens: readonly number[], row = cache.add()) => ({ row, ids: tokens, read: true });
      const other = () => piece(ids.map(() => 1 + integer(6)));
      const pieces = [
        ...Array.from({ length: before }, other),
        piece(ids),
        ...Array.from({ length: after }, other),
      ];
      const results = [runner.appendTokens(pieces)[before]!];
      const { row } = pieces[before];
      if (grow) {
        // Room for more: the row moves, and its unused positions are more.
        const zeros = Array.from(
          { length: 2 * model.transformer.numLayers },
          () => new Float32Array(16 * 90),
        );
        const [length, copies] = [row.length, cache.read(row, 0, row.length)];
        cache.append(row, zeros, 90);
        expect(row.capacity).toBeGreaterThan(64);
        (row as { length: number }).length = 0;
        cache.append(row, copies, length);
      }
      const next = pieces.map((p) => piece([1 + (p.row === row ? 2 : integer(6))], p.row));
      results.push(runner.appendTokens(next)[before]!);
      const spans = pieces.map((p) => ({
        rows: [p.row],
        latent: p.row === row ? latent : rng.normals(4),
        timestep: p.row === row ? 500 : integer(1000),
      }));
      results.push(runner.denoise(group, spans)[before][0]);
      runner.appendSpans(
        group,
        pieces.map((p, i) => ({ row: p.row, latent: spans[i].latent })),
      );
      results.push(...cache.read(row, 0, row.length));
      for (const p of pieces) cache.remove(p.row);
      return results;
    };
    const alone = resultsAmong(0, 0, false);
    for (let i = 0; i < 12; i++) {
      expect(resultsAmong(integer(9), integer(9), i % 2 === 1)).toEqual(alone);
    }
    runner.dispose();
  });
});

describe('with many threads, which split large products', () => {
  beforeAll(() => configureOnnxRuntime({ intraOpNumThreads: 16 }));
  afterAll(() => configureOnnxRuntime({ intraOpNumThreads: availableParallelism() }));

  it.each([
    [128, 2, 1],
    [256, 4, 4],
  ])(
    'a row is the same among others and in a larger cache: width %i, %i heads, %i of keys',
    (modelDim, numHeads, numKvHeads) => {
      const model = toyModel({ modelDim, numHeads, numKvHeads, ffnDim: 2 * modelDim, numLayers: 1 });
      const runner = createStepRunner(model, warmParams(model));
      const { cache } = runner;
      const rng = createRng(4);
      const [group] = spanGroupKinds(model.modalities);
      const integer = (below: number): number => Math.floor(rng.uniform() * below);
      const lettersOf = (count: number) => Array.from({ length: count }, () => 1 + integer(6));
      const length = 270;
      const before = lettersOf(length);
      const rowWith = (room: number) => {
        const row = cache.add();
        cache.reserve([row], room);
        for (let at = 0; at < length; at += 64) {
          runner.appendTokens([{ row, ids: before.slice(at, at + 64), read: false }]);
        }
        return row;
      };
      for (const count of [1, 48]) {
        const next = lettersOf(count);
        const resultsAmong = (others: number, room: number): Float32Array[] => {
          const row = rowWith(room);
          const pieces = [{ row, ids: next, read: true }];
          for (let i = 0; i < others; i++) {
            const other = cache.add();
            cache.reserve([other], room);
            pieces.push({ row: other, ids: lettersOf(count), read: true });
          }
          const results = [runner.appendTokens(pieces)[0]!];
          const spans = pieces.map((piece, i) => {
            return { rows: [piece.row], latent: Float32Array.of(1, 2, 3, i === 0 ? 9 : i), timestep: 500 };
          });
          results.push(runner.denoise(group, spans)[0][0], ...cache.read(row, 0, row.length));
          for (const piece of pieces) cache.remove(piece.row);
          return results;
        };
        const alone = resultsAmong(0, length + 64);
        expect(resultsAmong(1, length + 64)).toEqual(alone);
        expect(resultsAmong(7, length + 64)).toEqual(alone);
        expect(resultsAmong(2, 2 * length)).toEqual(alone);
      }
      runner.dispose();
    },
  );
});
