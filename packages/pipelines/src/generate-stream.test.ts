import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@transfusion/tfjs';
import { createEngine, createTransfusion, transformerConfig } from '@transfusion/core';
import { flowEuler } from '@transfusion/diffusion';
import { createModalityRegistry } from '@transfusion/modality';
import { image, isRgbImage } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { createRng } from '@transfusion/nn';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { engineOf } from './trained-model.js';
import {
  generate,
  generateStream,
  prepareStream,
  type GenerateRequest,
  type OutputEvent,
  type TrainedModel,
} from './index.js';
import { melody } from './testing-internals/melody.js';
import { textDeltas } from './text-deltas.js';

const shapes = [
  [4, 4, 3],
  [4, 8, 3],
];
const model = createTransfusion({
  modalities: createModalityRegistry(
    text(),
    image({ latentShapes: shapes, patchSize: 2, diffusion: flowEuler() }),
    melody,
  ),
  transformer: transformerConfig({ modelDim: 16, numLayers: 1, numHeads: 2, ffnDim: 32 }),
});
let trained: TrainedModel;
beforeAll(async () => {
  await tf.setBackend('cpu');
  trained = { model, params: model.init(createRng(1)) } as unknown as TrainedModel;
});

async function eventsOf(request: GenerateRequest): Promise<OutputEvent[]> {
  const events: OutputEvent[] = [];
  for await (const event of generateStream(trained, request)) events.push(event);
  return events;
}

/** The values in a stream: its text joined, everything else as it is. */
function valuesOf(events: readonly OutputEvent[]): unknown[] {
  const values: unknown[] = [];
  let isText = false;
  for (const event of events) {
    if (event.type === 'text') {
      if (isText) values.push((values.pop() as string) + event.text);
      else values.push(event.text);
    } else if (event.type === 'value') values.push(event.value);
    else continue;
    isText = event.type === 'text';
  }
  return values;
}

const prompt = [{ modality: 'text', value: 'red' }];
const square = { width: 8, height: 4, data: new Uint8Array(96).fill(200) };

it.each([1, 2, 3, 4])('yields what generate returns, for seed %i', async (seed) => {
  const options = { prompt, seed, numInferenceSteps: 2, maxTokens: 24 };
  const single = { ...options, output: 'image', latentShape: shapes[0] };
  expect(valuesOf(await eventsOf(single))).toEqual([await generate(trained, single)]);
  expect(valuesOf(await eventsOf({ ...options, output: 'melody' }))).toEqual([
    await generate(trained, { ...options, output: 'melody' }),
  ]);
  const texts = valuesOf(await eventsOf({ ...options, output: 'text' })) as string[];
  expect(texts.join('')).toBe(await generate(trained, { ...options, output: 'text' }));
  const document = { ...options, output: 'document', maxSpans: 2 };
  const segments = (await generate(trained, document)) as { value: unknown }[];
  const isSomething = (value: unknown): boolean => value !== '';
  expect(valuesOf(await eventsOf(document))).toEqual(segments.map(({ value }) => value).filter(isSomething));
});

it('reports the parts in order, with previews and usage', async () => {
  const events = await eventsOf({
    prompt: [...prompt, { modality: 'image', value: square }],
    output: 'image',
    latentShapeOf: 1,
    numInferenceSteps: 3,
  });
  expect(events.map(({ type }) => type)).toEqual([
    'start',
    'denoise-step',
    'denoise-step',
    'denoise-step',
    'value',
    'end',
  ]);
  const usage = { promptTokens: 3, promptSpanPositions: 8, generatedTokens: 0, generatedSpanPositions: 0 };
  expect(events[0]).toEqual({ type: 'start', usage });
  expect(events[5]).toEqual({ type: 'end', reason: 'stop', usage: { ...usage, generatedSpanPositions: 8 } });
  const step = events[1] as Extract<OutputEvent, { type: 'denoise-step' }>;
  expect(step).toMatchObject({ modality: 'image', step: 1, numSteps: 3 });
  const timesteps = events.flatMap((event) => (event.type === 'denoise-step' ? [event.timestep] : []));
  expect(timesteps).toEqual(
    flowEuler()
      .timesteps(3)
      .map(({ t }) => t),
  );
  expect(isRgbImage(step.preview())).toBe(true);
  expect((events[4] as { value: unknown }).value).toMatchObject({ width: 8, height: 4 });
});

it('tells whether a limit was reached', async () => {
  const end = async (request: Partial<GenerateRequest>) =>
    (await eventsOf({ prompt, output: 'text', ...request })).at(-1);
  expect(await end({ maxTokens: 2, minTokens: 2 })).toMatchObject({
    reason: 'length',
    usage: { promptTokens: 3, generatedTokens: 2 },
  });
  expect(await end({ output: 'melody' })).toMatchObject({ reason: 'stop', usage: { generatedTokens: 3 } });
});

it('ends when it is aborted, or left', async () => {
  const engine = engineOf(trained);
  const controller = new AbortController();
  const request = { prompt, output: 'image', latentShape: shapes[0], numInferenceSteps: 50 };
  const aborted = (async () => {
    for await (const { type } of generateStream(trained, request, { signal: controller.signal })) {
      if (type === 'denoise-step') controller.abort(new Error('enough'));
    }
  })();
  await expect(aborted).rejects.toThrow('enough');
  for await (const { type } of generateStream(trained, request)) if (type === 'denoise-step') break;
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(engine.stats).toMatchObject({ numRequests: 0, numRows: 0 });
});

it('begins when the engine does, and ends with it', async () => {
  const engine = createEngine(model as never, trained.params, { maxRequests: 1 });
  const request = { prompt, output: 'image', latentShape: shapes[0], numInferenceSteps: 20 };
  const order: string[] = [];
  const run = async (name: string): Promise<void> => {
    for await (const { type } of generateStream({ ...trained, engine }, request))
      order.push(`${name} ${type}`);
  };
  await Promise.all([run('first'), run('second')]);
  expect(order.lastIndexOf('first denoise-step')).toBeLessThan(order.indexOf('second start'));
  expect(order.indexOf('second start')).toBeLessThan(order.indexOf('second denoise-step'));
  expect(order.at(-1)).toBe('second end');
  const waiting = [run('third'), run('fourth')].map((running) => running.catch(String));
  await new Promise((resolve) => setTimeout(resolve, 20));
  engine.dispose();
  for (const error of await Promise.all(waiting))
    expect(error).toContain('disposed while a request was running');
});

describe('prepareStream', () => {
  const request = { output: 'image', numInferenceSteps: 2, latentShape: shapes[0] };

  it('encodes a prompt once for outputs of all seeds, and counts it', async () => {
    const images = model.modalities.get('image');
    const encode = vi.spyOn(images.codec, 'encode');
    const withImage = { ...request, prompt: [...prompt, { modality: 'image', value: square }] };
    const negativePrompt = [{ modality: 'text', value: 'blue' }];
    const prepared = await prepareStream(trained, { ...withImage, negativePrompt });
    expect(prepared.usage).toMatchObject({ promptTokens: 3, promptSpanPositions: 8 });
    expect(prepared.negativeUsage).toMatchObject({ promptTokens: 4, promptSpanPositions: 0 });
    const streams = [1, 2].map(async (seed) => {
      const events: OutputEvent[] = [];
      for await (const event of prepared.start({ seed })) events.push(event);
      return events;
    });
    const outputs = await Promise.all(streams);
    expect(encode).toHaveBeenCalledTimes(1);
    for (const [i, seed] of [1, 2].entries()) {
      expect(valuesOf(outputs[i])).toEqual(valuesOf(await eventsOf({ ...withImage, negativePrompt, seed })));
      expect(outputs[i].at(-1)).toMatchObject({ usage: { promptTokens: 3, generatedSpanPositions: 4 } });
    }
    encode.mockRestore();
  });

  it('lets go of the values of the prompt', async () => {
    const collectGarbage = garbageCollector();
    const prepare = async () => {
      const value = { ...square, data: square.data.slice() };
      const segments = [{ modality: 'image', value }];
      return [await prepareStream(trained, { ...request, prompt: segments }), new WeakRef(value)] as const;
    };
    const [prepared, value] = await prepare();
    await new Promise((resolve) => setTimeout(resolve));
    collectGarbage();
    expect(value.deref()).toBeUndefined();
    expect(prepared.usage.promptSpanPositions).toBe(8);
  });
});

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

it('refuses what generate refuses', async () => {
  const errorOf = (request: object) =>
    eventsOf({ prompt, output: 'image', ...request }).catch((error: Error) => error.message);
  expect(await errorOf({ stepz: 4 })).toContain('stepz');
  expect(await errorOf({ output: 'sound' })).toContain('sound');
  expect(await errorOf({ latentShapeOf: 1 })).toBe(
    "generate: latentShapeOf is 1, expected the index of one of the prompt's 1 segments.",
  );
  expect(await errorOf({ latentShapeOf: 0, latentShape: shapes[0] })).toContain('are both set');
});

describe('text in pieces', () => {
  const modality = text();
  const characters = ['a', 'b', 'é', '本', '😀', ' ', 'x'];
  const anyText = fc.array(fc.constantFrom(...characters), { maxLength: 12 }).map((list) => list.join(''));

  it('is the whole text, with half a character never shown', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (whole) => {
        const deltas = textDeltas(modality);
        let joined = '';
        for (const id of modality.encode(whole) as Int32Array) {
          joined += await deltas.push(id);
          expect(whole.startsWith(joined)).toBe(true);
        }
        expect(joined + deltas.end(false)).toBe(whole);
      }),
    );
  });

  it('never shows the beginning of a stop string that the text ends in', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, fc.constantFrom('ab', 'éa', 'x x', '本'), async (before, stop) => {
        // Generation ends with the first of them.
        const long = before + stop;
        const whole = long.slice(0, long.indexOf(stop) + stop.length);
        const deltas = textDeltas(modality, [stop, 'never']);
        let joined = '';
        for (const id of modality.encode(whole) as Int32Array) joined += await deltas.push(id);
        joined += deltas.end(true);
        expect(joined).toBe(whole.slice(0, whole.indexOf(stop)));
      }),
    );
  });

  it('shows what looked like a stop string when it goes on', async () => {
    const deltas = textDeltas(modality, ['abc']);
    const pieces: string[] = [];
    for (const id of modality.encode('xabxab') as Int32Array) pieces.push(await deltas.push(id));
    expect(pieces).toEqual(['x', '', '', 'abx', '', '']);
    expect(deltas.end(false)).toBe('ab');
  });
});
