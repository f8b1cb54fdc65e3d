/** The shipped model in a process of its own, as the server runs it. */
import { emojiModelFolder } from '@transfusion/emoji';
import { decodeImage, encodePng } from '@transfusion/modality-image';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { childModelHost, type ChildModelHost, type ModelChange } from './child-model-host.js';
import type { InferenceEvent, InferenceRequest } from './model-host.js';

const limits = { maxPromptTokens: 1000, maxTokens: 300, maxInferenceSteps: 250, maxSpans: 4 };
const changes: ModelChange[] = [];
let host: ChildModelHost;
beforeAll(async () => {
  host = childModelHost({
    name: 'emoji',
    folder: emojiModelFolder,
    engine: 'auto',
    maxRunning: 64,
    limits,
    onChange: (change) => changes.push(change),
  });
  await host.loaded;
}, 60_000);
afterAll(() => host.close());

const text = (value: string) => ({ type: 'text', text: value }) as const;
const png = (bytes: Uint8Array) => ({ type: 'file', mediaType: 'image/png', bytes }) as const;
const apple: InferenceRequest = {
  prompt: [text('red apple, noto')],
  output: 'image',
  seeds: [1],
  options: { numInferenceSteps: 4 },
};

async function eventsOf(request: InferenceRequest, signal = new AbortController().signal) {
  const events: InferenceEvent[] = [];
  for await (const event of host.submit(request, [signal])[0]) events.push(event);
  return events;
}

const filesOf = (events: readonly InferenceEvent[]): Uint8Array[] =>
  events.flatMap((event) => (event.type === 'file' ? [event.bytes] : []));
const textOf = (events: readonly InferenceEvent[]): string =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');

async function idle(): Promise<void> {
  while (host.state?.numRequests !== 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('generates', () => {
  it('images, with previews of their size', async () => {
    const events = await eventsOf({ ...apple, numPreviews: 2 });
    expect(events.map(({ type }) => type).join(' ')).toBe(
      'start denoise-step preview denoise-step denoise-step preview denoise-step file end',
    );
    for (const event of events) {
      if (event.type !== 'preview' && event.type !== 'file') continue;
      expect(event.mediaType).toBe('image/png');
      expect(await decodeImage(event.bytes)).toMatchObject({ width: 64, height: 64 });
    }
    expect(events.at(-1)).toMatchObject({
      reason: 'stop',
      usage: { promptTokens: 5, generatedSpanPositions: 16 },
    });
  });

  it('another image for another prompt or seed, and the same bytes for the same, alone or under load', async () => {
    const [alone] = filesOf(await eventsOf(apple));
    const other = { ...apple, prompt: [text('green apple, noto')] };
    const seeded = { ...apple, seeds: [2] };
    const all = await Promise.all([apple, other, seeded, apple].map((request) => eventsOf(request)));
    const [again, ofOther, ofSeed, third] = all.map((events) => filesOf(events)[0]);
    expect(again).toEqual(alone);
    expect(third).toEqual(alone);
    expect(ofOther).not.toEqual(alone);
    expect(ofSeed).not.toEqual(alone);
  });

  it('captions, edits, inpainted images and documents', async () => {
    const [image] = filesOf(await eventsOf({ ...apple, options: { numInferenceSteps: 25 } }));
    const options = { temperature: 0, maxTokens: 40 };
    expect(textOf(await eventsOf({ prompt: [png(image)], output: 'text', seeds: [1], options }))).toContain(
      'apple',
    );
    const edit = { ...apple, prompt: [png(image), text('draw this in the twemoji style')], keepsSizeOf: 0 };
    const [edited] = filesOf(await eventsOf(edit));
    expect(edited).not.toEqual(image);
    const whole = await sharp(image).ensureAlpha().raw().toBuffer();
    // The lower half is transparent.
    for (let i = 64 * 32; i < 64 * 64; i++) whole[4 * i + 3] = 0;
    const mask = await sharp(whole, { raw: { width: 64, height: 64, channels: 4 } })
      .png()
      .toBuffer();
    const [inpainted] = filesOf(await eventsOf({ ...apple, prompt: [...apple.prompt, png(image)], mask }));
    const [before, after] = [(await decodeImage(image)).data, (await decodeImage(inpainted)).data];
    expect(after.subarray(0, 64 * 32 * 3)).toEqual(before.subarray(0, 64 * 32 * 3));
    expect(after).not.toEqual(before);
    const document = await eventsOf({ ...apple, output: 'document' });
    expect(filesOf(document)).toHaveLength(1);
  });
});

it('refuses what the model cannot do, each with its reason', async () => {
  const pixel = await encodePng({ width: 1, height: 1, data: new Uint8Array(3) });
  const refusals: [Partial<InferenceRequest>, string, string?][] = [
    [{ output: 'audio' }, 'The model has no audio, only text and image.', 'model'],
    [{ size: [63, 64] }, 'size is 63x64, but the model generates 64x64.', 'size'],
    [{ prompt: [text('x'.repeat(1001))] }, 'the prompt’s tokens: found 1001, expected at most 1000'],
    [{ negativePrompt: 'x'.repeat(1001) }, 'the negative prompt’s tokens: found 1001'],
    [{ prompt: [text('x'.repeat(1e6))] }, 'the prompt’s characters: found 1000000'],
    [{ options: { numInferenceSteps: 251 } }, 'num_inference_steps: found 251', 'num_inference_steps'],
    [{ options: { maxTokens: 301 } }, 'max_tokens: found 301', 'max_tokens'],
    [{ options: { maxSpans: 5 } }, 'max_images: found 5', 'max_images'],
    [{ options: { scheduler: 'heun?' } }, 'heun?'],
    [{ options: { scheduler: 'ddim' } }, 'expected one that fits'],
    [{ options: { guidanceScale: Number.NaN } }, 'guidanceScale'],
    [{ prompt: [png(pixel.subarray(0, 20))] }, 'not a readable image'],
    [{ mask: pixel }, 'There is a mask but no image.', 'mask'],
    [{ prompt: [png(pixel)], mask: pixel }, 'it has no alpha channel'],
    [{ prompt: [{ ...png(pixel), mediaType: 'video/mp4' }] }, 'The model has no video'],
  ];
  for (const [change, message, param] of refusals) {
    await expect(eventsOf({ ...apple, ...change })).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining(message),
      param,
    });
  }
});

it('generates the outputs of one request, each with its seed, and ends one without the others', async () => {
  const alone = await Promise.all([7, 8].map((seed) => eventsOf({ ...apple, seeds: [seed] })));
  const image = png(filesOf(alone[0])[0]);
  const edit = { ...apple, prompt: [image, text('draw this in the twemoji style')], keepsSizeOf: 0 };
  const [editedAlone] = filesOf(await eventsOf({ ...edit, seeds: [8] }));
  const controllers = [7, 8, 9].map(() => new AbortController());
  const outputs = host.submit(
    { ...edit, seeds: [7, 8, 9] },
    controllers.map(({ signal }) => signal),
  );
  controllers[0].abort(new Error('the client went'));
  const collected = outputs.map(async (output) => {
    const events: InferenceEvent[] = [];
    for await (const event of output) events.push(event);
    return filesOf(events)[0];
  });
  await expect(collected[0]).rejects.toThrow('the client went');
  const [second, third] = await Promise.all(collected.slice(1));
  expect(second).toEqual(editedAlone);
  expect(third).not.toEqual(second);
});

it('keeps few previews for a client that does not read, and all else', async () => {
  const steps = 20;
  const request = { ...apple, numPreviews: steps, options: { numInferenceSteps: steps } };
  const [output] = host.submit(request, [new AbortController().signal]);
  await eventsOf(request);
  await idle();
  const types: string[] = [];
  for await (const { type } of output) types.push(type);
  expect(types.filter((type) => type === 'preview')).toHaveLength(8);
  expect(types.filter((type) => type === 'denoise-step')).toHaveLength(steps);
  expect(types.slice(-2)).toEqual(['file', 'end']);
});

it('takes special tokens in prompts as text', async () => {
  const prompt = [text('<|image|> <boi> </s> \u0000')];
  expect(filesOf(await eventsOf({ ...apple, prompt }))).toHaveLength(1);
});

it('ends a request that is aborted or left, and nothing else', async () => {
  const long = { ...apple, options: { numInferenceSteps: 250 } };
  const controller = new AbortController();
  const others = eventsOf({ ...apple, options: { numInferenceSteps: 12 } });
  const aborted = eventsOf(long, controller.signal);
  setTimeout(() => controller.abort(new Error('the client went')), 30);
  await expect(aborted).rejects.toThrow('the client went');
  for await (const { type } of host.submit(long, [new AbortController().signal])[0]) {
    if (type === 'denoise-step') break;
  }
  expect(filesOf(await others)).toHaveLength(1);
  await idle();
  expect(host.state).toMatchObject({ numRows: 0 });
});

it('starts the process again when it is killed, and fails what ran in it', async () => {
  const { pid } = host;
  const [alone] = filesOf(await eventsOf(apple));
  const long = eventsOf({ ...apple, options: { numInferenceSteps: 250 } });
  setTimeout(() => process.kill(pid!, 'SIGKILL'), 50);
  await expect(long).rejects.toMatchObject({ kind: 'unavailable' });
  expect(() => host.submit(apple, [new AbortController().signal])).toThrow('is being loaded');
  while (host.info === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(host.pid).not.toBe(pid);
  expect(changes.map(({ type }) => type)).toEqual(['ready', 'ended', 'ready']);
  expect(filesOf(await eventsOf(apple))[0]).toEqual(alone);
}, 60_000);

describe('a process that cannot be started', () => {
  const { execPath } = process;
  afterEach(() => {
    process.execPath = execPath;
  });

  // Node reports the first as an event, and throws the second.
  it.each(['/nowhere/node', 'no\0path'])('%j is reported, and started again', async (path) => {
    const reasons: string[] = [];
    const onChange = (change: ModelChange): void => {
      if (change.type === 'ended') reasons.push(change.reason);
    };
    process.execPath = path;
    const options = { name: 'none', folder: '/nowhere', engine: 'auto', maxRunning: 1, limits, onChange };
    const unstarted = childModelHost(options);
    await expect(unstarted.loaded).rejects.toThrow('none: its process could not be started');
    expect(unstarted.pid).toBeUndefined();
    await vi.waitFor(() => expect(reasons).toHaveLength(2), { interval: 5 });
    // Its third start is due in 200 ms.
    await unstarted.close();
    const neverStarted = childModelHost(options);
    await neverStarted.close();
    expect(reasons[1]).toMatch('could not be started');
  });
});

it('reports why a model cannot be loaded', async () => {
  const broken = childModelHost({ name: 'none', folder: '/nowhere', engine: 'auto', maxRunning: 1, limits });
  await expect(broken.loaded).rejects.toThrow(/^none: .*\/nowhere/);
  await broken.close();
}, 30_000);
