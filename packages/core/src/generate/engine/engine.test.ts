/** The engine against the plain loop, with models that compute. */
import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { flowEuler, type NoiseScheduler } from '@transfusion/diffusion';
import type { EncodedDocument } from '@transfusion/modality';
import { disposeParams } from '@transfusion/nn';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../../testing-internals/expect-close.js';
import { anyDocument, text, warmParams } from '../../testing-internals/toy-documents.js';
import { toyModel } from '../../testing-internals/toy-modalities.js';
import { toyRequests } from '../../testing-internals/toy-requests.js';
import type { Transfusion, TransfusionParams } from '../../model/transfusion.js';
import type { RequestEvent } from '../decisions.js';
import { generatePlain } from '../plain-generate.js';
import { generate } from '../generate.js';
import type { GenerationRequest } from '../request.js';
import { createEngine, type EngineOptions, type GenerationEngine } from './engine.js';

/** A document that outgrows its row in the cache, beside the others. */
const requests: readonly GenerationRequest[] = [
  ...toyRequests,
  {
    prompt: [text('a'.repeat(40))],
    seed: 4,
    maxTokens: 40,
    tokenSampling: { temperature: 0.7, topP: 0.9 },
    spanSampling: { numInferenceSteps: 2, guidanceScale: 2 },
  },
];

async function eventsOf(engine: GenerationEngine, request: GenerationRequest): Promise<RequestEvent[]> {
  const events: RequestEvent[] = [];
  for await (const event of engine.submit(request)) events.push(event);
  return events;
}

/** Fails unless the events of each request are those of the plain loop. */
async function expectPlain(
  model: Transfusion,
  params: TransfusionParams,
  engine: GenerationEngine,
  list: readonly GenerationRequest[],
): Promise<void> {
  const found = await Promise.all(list.map((request) => eventsOf(engine, request)));
  const plain = list.map((): RequestEvent[] => []);
  for await (const { request, ...event } of generatePlain(model, params, list)) plain[request].push(event);
  found.forEach((events, i) => {
    expect(events.map(({ type }) => type)).toEqual(plain[i].map(({ type }) => type));
    events.forEach((event, k) => {
      const expected = plain[i][k];
      if (event.type === 'denoise-step' && expected.type === 'denoise-step') {
        expectClose(event.predOriginalSample, expected.predOriginalSample, tolerance);
      } else if (event.type === 'span-end' && expected.type === 'span-end') {
        expectClose(event.latent, expected.latent, tolerance);
      } else expect(event).toEqual(expected);
    });
  });
}

const tolerance = { absolute: 1e-4, relative: 1e-4 };

describe.each(['onnxruntime', 'cpu'])('on %s', (backend) => {
  it.each(['shared', 'per-modality'] as const)('is the plain loop, with %s weights', async (weights) => {
    await tf.setBackend(backend);
    const model = toyModel({ numKvHeads: 1, weights });
    const params = warmParams(model);
    const engine = createEngine(model, params);
    await expectPlain(model, params, engine, requests);
    expect(engine.stats).toMatchObject({ numRequests: 0, numRows: 0, cacheBytes: 0 });
    engine.dispose();
    disposeParams(params);
  });
});

describe('on onnxruntime', () => {
  beforeAll(() => tf.setBackend('onnxruntime'));
  const model = toyModel({ qkNorm: true });
  const images = (prompt: EncodedDocument, seed: number): GenerationRequest => ({
    prompt,
    firstSpan: { modality: 'strip', latentShape: [4] },
    seed,
    maxTokens: 0,
    spanSampling: { numInferenceSteps: 3, guidanceScale: 2 },
  });

  it('is the plain loop for any requests, greedily, and leaves nothing behind', async () => {
    const params = warmParams(model);
    const engine = createEngine(model, params);
    const tensors = tf.memory().numTensors;
    const anyRequest = fc.record({
      prompt: anyDocument(5),
      seed: fc.nat(1000),
      minTokens: fc.nat(3),
      maxTokens: fc.nat(8),
      maxSpans: fc.integer({ min: 1, max: 3 }),
      firstSpan: fc.option(
        fc.record({
          modality: fc.constantFrom('strip', 'wave'),
          latentShape: fc.option(fc.constantFrom([4], [6]), { nil: undefined }),
        }),
        { nil: undefined },
      ),
      tokenSampling: fc.constant({ temperature: 0 }),
      spanSampling: fc.record({
        numInferenceSteps: fc.integer({ min: 1, max: 3 }),
        guidanceScale: fc.constantFrom(1, 1.5, 4),
        spanGuidanceScale: fc.constantFrom(1, 2),
        guidanceInterval: fc.constantFrom<[number, number]>([0, 1000], [300, 700]),
        negativePrompt: anyDocument(2),
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyRequest, { minLength: 1, maxLength: 4 }), (list) =>
        expectPlain(model, params, engine, list),
      ),
      { numRuns: 15 },
    );
    expect(tf.memory().numTensors).toBe(tensors);
    expect(engine.stats).toMatchObject({ numRequests: 0, numRows: 0, cacheBytes: 0 });
    engine.dispose();
    disposeParams(params);
  });

  it('another prompt, another image; another seed, another image; the same, the same', async () => {
    const params = warmParams(model);
    const engine = createEngine(model, params);
    const latentOf = async (request: GenerationRequest): Promise<Float32Array> => {
      const end = (await eventsOf(engine, request)).find(({ type }) => type === 'span-end');
      return end?.type === 'span-end' ? end.latent : expect.unreachable();
    };
    const [first, again, other, prompt] = await Promise.all([
      latentOf(images([text('ab')], 1)),
      latentOf(images([text('ab')], 1)),
      latentOf(images([text('ab')], 2)),
      latentOf(images([text('ac')], 1)),
    ]);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(prompt).not.toEqual(first);
    engine.dispose();
  });

  it('an aborted request leaves at the next tick, and the others do not notice', async () => {
    const params = warmParams(model);
    const engine = createEngine(model, params);
    const long = { ...images([text('abc')], 1), spanSampling: { numInferenceSteps: 40, guidanceScale: 3 } };
    const other = { ...long, prompt: [text('abd')], seed: 2 };
    const expected = await eventsOf(engine, other);
    const controller = new AbortController();
    const reason = new Error('enough');
    const aborted = engine.submit(long, { signal: controller.signal });
    const left = engine.submit({ ...long, seed: 3 });
    const watched = eventsOf(engine, other);
    let steps = 0;
    const reading = (async () => {
      for await (const event of aborted) {
        if (event.type !== 'denoise-step' || ++steps < 2) continue;
        const { numRows } = engine.stats;
        controller.abort(reason);
        await new Promise((resolve) => setImmediate(resolve));
        expect(engine.stats.numRows).toBe(numRows - 2);
      }
    })();
    await expect(reading).rejects.toBe(reason);
    for await (const event of left) if (event.type === 'denoise-step') break;
    expect(await watched).toEqual(expected);
    expect(engine.stats).toMatchObject({ numRequests: 0, numRows: 0, cacheBytes: 0 });
    // Aborted before it begins.
    await expect(engine.submit(long, { signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
    engine.dispose();
  });

  it('reads a prompt once for several images, and goes on when the one that reads it is aborted', async () => {
    const params = warmParams(model);
    const prompt = [text('abcdef'.repeat(20))];
    const ticksOf = async (count: number, abortFirst = false): Promise<number> => {
      const engine = createEngine(model, params);
      const controller = new AbortController();
      const all = Array.from({ length: count }, (_, seed) => {
        const signal = seed === 0 && abortFirst ? controller.signal : undefined;
        const events = engine.submit(images(prompt, seed), { signal });
        return (async () => {
          for await (const event of events) void event;
        })();
      });
      if (abortFirst) {
        // After two of the prompt's pieces, one of which is computed for all.
        while (engine.stats.numTicks < 1) await new Promise((resolve) => setImmediate(resolve));
        controller.abort(new Error('enough'));
        await expect(all[0]).rejects.toThrow('enough');
      }
      await Promise.all(all.slice(abortFirst ? 1 : 0));
      const { numTicks, prefixBytes } = engine.stats;
      expect(prefixBytes).toBeGreaterThan(0);
      engine.dispose();
      return numTicks;
    };
    const alone = await ticksOf(1);
    expect(await ticksOf(6)).toBe(alone);
    expect(await ticksOf(6, true)).toBeLessThanOrEqual(alone + 1);
  });

  it('a request that waits for another to read its prompt can be aborted at once', async () => {
    const params = warmParams(model);
    const engine = createEngine(model, params);
    const controller = new AbortController();
    const prompt = [text('abcdef'.repeat(50))];
    const owner = eventsOf(engine, images(prompt, 1));
    const waiter = engine.submit(images(prompt, 2), { signal: controller.signal });
    await waiter.next();
    while (engine.stats.numTicks < 1) await new Promise((resolve) => setImmediate(resolve));
    const { numRows } = engine.stats;
    controller.abort(new Error('enough'));
    await expect(waiter.next()).rejects.toThrow('enough');
    expect(engine.stats.numRows).toBe(numRows - 1);
    expect((await owner).at(-1)).toEqual({ type: 'end', reason: 'max-spans' });
    engine.dispose();
  });

  it('lets so many requests in at a time, the others in their order', async () => {
    const engine = createEngine(model, warmParams(model), { maxRequests: 2 });
    const [started, ended]: number[][] = [[], []];
    const controller = new AbortController();
    const all = Array.from({ length: 6 }, async (_, i) => {
      const signal = i === 3 ? controller.signal : undefined;
      const onStart = (): unknown => started.push(i);
      for await (const event of engine.submit(images([text('ab')], i), { signal, onStart })) {
        expect(engine.stats.numRows).toBeLessThanOrEqual(4);
        if (event.type === 'end') ended.push(i);
      }
    });
    controller.abort(new Error('enough'));
    await expect(all[3]).rejects.toThrow('enough');
    await Promise.all(all.filter((__, i) => i !== 3));
    expect(started).toEqual([0, 1, 2, 4, 5]);
    expect(ended).toEqual([0, 1, 2, 4, 5]);
    engine.dispose();
  });

  it('a failure reaches the reader of generate, however slow, and nobody else', async () => {
    const engine = createEngine(model, warmParams(model));
    const failing = images([text('ab')], 1);
    const short: NoiseScheduler = {
      ...flowEuler(),
      step: (...args) => {
        const result = flowEuler().step(...args);
        return { ...result, prevSample: result.prevSample.slice([0, 0], [1, 2]) };
      },
    };
    const broken = { ...failing, spanSampling: { ...failing.spanSampling, scheduler: short } };
    const other = eventsOf(engine, images([text('ac')], 2));
    const reading = (async () => {
      for await (const event of generate(engine, [broken, images([text('ad')], 3)])) {
        void event;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    await expect(reading).rejects.toThrow(
      "the sampler of 'strip' returned a sample of 2 elements, expected 4",
    );
    expect((await other).at(-1)).toEqual({ type: 'end', reason: 'max-spans' });
    expect(engine.stats).toMatchObject({ numRequests: 0, numRows: 0, cacheBytes: 0 });
    engine.dispose();
  });

  it.each([2, 4000])('refuses a last sample of %i elements before others could read it', async (size) => {
    const engine = createEngine(model, warmParams(model));
    const good: GenerationRequest = {
      ...images([text('ab')], 1),
      maxTokens: 3,
      spanSampling: { numInferenceSteps: 1, guidanceScale: 1 },
    };
    const scheduler: NoiseScheduler = {
      ...flowEuler(),
      step: (...args) => ({ ...flowEuler().step(...args), prevSample: tf.fill([1, size], 0.5) }),
    };
    const expected = await eventsOf(engine, good);
    // The spans of all three are appended in one call.
    const [before, broken, after] = await Promise.allSettled([
      eventsOf(engine, good),
      eventsOf(engine, { ...good, spanSampling: { ...good.spanSampling, scheduler } }),
      eventsOf(engine, good),
    ]);
    expect([before, after]).toEqual(Array(2).fill({ status: 'fulfilled', value: expected }));
    expect(broken).toMatchObject({
      reason: {
        message: expect.stringContaining(`returned a sample of ${size} elements, expected 4`) as string,
      },
    });
    engine.dispose();
  });

  it('a caller that writes into its prompt spoils it for nobody else', async () => {
    const params = warmParams(model);
    const engine = createEngine(model, params);
    const data = Float32Array.of(1, 2, 3, 4);
    const prompt: EncodedDocument = [{ modality: 'strip', latent: { shape: [4], data } }, text('a')];
    const running = eventsOf(engine, images(prompt, 1));
    // The tokens before the span have been read, and the span waits.
    while (engine.stats.numTicks < 1) await new Promise((resolve) => setImmediate(resolve));
    const same = images([{ modality: 'strip', latent: { shape: [4], data: data.slice() } }, text('a')], 1);
    data.fill(9);
    await running;
    const fresh = createEngine(model, params);
    expect(await eventsOf(engine, same)).toEqual(await eventsOf(fresh, same));
    engine.dispose();
    fresh.dispose();
  });

  it('a reader that writes into what it is given changes nothing that follows', async () => {
    const params = warmParams(model);
    const engine = createEngine(model, params);
    for (const request of toyRequests) {
      const expected = await eventsOf(engine, request);
      const found: RequestEvent[] = [];
      for await (const event of engine.submit(request)) {
        found.push(structuredClone(event));
        if ('latent' in event) event.latent.fill(99);
        if ('predOriginalSample' in event) event.predOriginalSample.fill(99);
      }
      expect(found).toEqual(expected);
    }
    engine.dispose();
  });

  it.each<[EngineOptions, string]>([
    [{ maxRow: 4 } as EngineOptions, "Did you mean 'maxRows'?"],
    [{ maxRows: NaN }, 'createEngine: maxRows is NaN, expected an integer of at least 1.'],
    [{ maxRequests: 0 }, 'createEngine: maxRequests is 0'],
  ])('refuses the options %j', (options, message) => {
    expect(() => createEngine(model, {} as TransfusionParams, options)).toThrow(message);
  });

  it('warms up, and then compiles nothing more', async () => {
    const params = warmParams(model);
    const engine = createEngine(model, params);
    await engine.warmUp();
    expect(engine.stats).toMatchObject({ numRows: 0, cacheBytes: 0 });
    disposeParams(params);
    // The weights are in the graphs.
    expect((await eventsOf(engine, images([text('ab')], 1))).at(-1)).toEqual({
      type: 'end',
      reason: 'max-spans',
    });
    engine.dispose();
  });

  it('tells what is wrong with a request at once, and refuses any after dispose', async () => {
    const engine = createEngine(model, warmParams(model));
    expect(() => engine.submit({ prompt: [], seed: 1, maxTokens: -1 })).toThrow('generate: maxTokens is -1');
    const options = (wrong: object) => () => engine.submit({ prompt: [], seed: 1 }, wrong);
    expect(options({ singal: new AbortController().signal })).toThrow("Did you mean 'signal'?");
    expect(options({ signal: {} })).toThrow('submit: signal is [object Object], expected an AbortSignal.');
    const running = engine.submit(images([text('ab')], 1));
    engine.dispose();
    const reading = (async () => {
      for await (const event of running) void event;
    })();
    await expect(reading).rejects.toThrow('engine: disposed while a request was running');
    expect(() => engine.submit({ prompt: [], seed: 1 })).toThrow('engine: submit after dispose');
    await expect(engine.warmUp()).rejects.toThrow('engine: warmUp after dispose');
  });
});
