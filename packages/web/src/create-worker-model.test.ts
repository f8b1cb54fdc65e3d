/** Models in workers: a port of this thread stands for the worker. */
import { selectEngine } from '@transfusion/engine';
import { TransfusionError } from '@transfusion/errors';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createWorkerModel, type WorkerModel } from './create-worker-model.js';
import { loadModel } from './load-model.js';
import type { FromWorker, ToWorker } from './messages.js';
import { serveMessages } from './serve-messages.js';
import { exportTiny, folderOf, tinyModel } from './testing-internals/exported-folder.js';
import type { WebEvent } from './web-model.js';
import type { WorkerLike } from './worker-connection.js';

interface TestWorker extends WorkerLike {
  /** Fails as a worker that runs out of memory does. */
  fail(message: string): void;
}

/** Passes copies of messages, as a worker does. */
function testWorker(folder: string): TestWorker {
  const toPage: ((event: { readonly data: FromWorker }) => void)[] = [];
  const onError: ((event: { readonly message?: string }) => void)[] = [];
  const toWorker: ((event: { readonly data: ToWorker }) => void)[] = [];
  let isAlive = true;
  const deliver = <T>(listeners: readonly ((event: { readonly data: T }) => void)[], data: T): void => {
    const copy = structuredClone(data);
    setTimeout(() => isAlive && listeners.forEach((listener) => listener({ data: copy })));
  };
  serveMessages(
    {
      postMessage: (message) => deliver(toPage, message),
      addEventListener: (_type, listener) => toWorker.push(listener),
    },
    (_url, options) => loadModel(folderOf(folder), options),
  );
  return {
    postMessage: (message) => deliver(toWorker, message),
    addEventListener: (type: string, listener: (event: never) => void) => {
      if (type === 'message') toPage.push(listener as (typeof toPage)[number]);
      if (type === 'error') onError.push(listener as (typeof onError)[number]);
    },
    terminate: () => (isAlive = false),
    fail: (message) => onError.forEach((listener) => listener({ message })),
  };
}

beforeAll(() => selectEngine('onnxruntime'));

describe('a model in a worker', async () => {
  await selectEngine('onnxruntime');
  const folder = await exportTiny(tinyModel());
  const workers: TestWorker[] = [];
  const options = {
    device: 'wasm',
    numThreads: 1,
    createWorker: () => (workers[workers.length] = testWorker(folder)),
  } as const;
  const load = (): Promise<WorkerModel> => createWorkerModel('http://localhost/model', options);
  const imageRequest = {
    prompt: [{ modality: 'text', value: 'a red apple' }],
    output: 'image',
    seed: 1,
  } as const;

  const eventsOf = async (events: AsyncIterable<WebEvent>): Promise<unknown[]> => {
    const all: unknown[] = [];
    for await (const event of events) {
      all.push(event.type === 'denoise-step' ? { ...event, preview: await event.preview() } : event);
    }
    return all;
  };

  it('generates the same, with previews', async () => {
    const here = await loadModel(folderOf(folder), { device: 'wasm', numThreads: 1 });
    const model = await load();
    expect(await eventsOf(model.generate(imageRequest))).toEqual(await eventsOf(here.generate(imageRequest)));
    expect(model).toMatchObject({ device: 'wasm', precision: 'single', warnings: [], config: here.config });
    await model.dispose();
    await expect(eventsOf(model.generate(imageRequest))).rejects.toThrow('the model is disposed');
  });

  it('ends when it is aborted or left, and generates again', async () => {
    const model = await load();
    const controller = new AbortController();
    const reading = (async () => {
      for await (const event of model.generate(imageRequest, { signal: controller.signal })) {
        if (event.type === 'denoise-step') controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    for await (const event of model.generate(imageRequest)) if (event.type === 'denoise-step') break;
    expect((await eventsOf(model.generate(imageRequest))).at(-1)).toMatchObject({ type: 'end' });
    await model.dispose();
  });

  it('rejects with the error of the worker, with its code', async () => {
    const model = await load();
    const reading = eventsOf(model.generate({ ...imageRequest, output: 'sound' }));
    await expect(reading).rejects.toThrow("unknown modality 'sound'");
    const error: unknown = await reading.catch((reason: unknown) => reason);
    expect(TransfusionError.isInstance(error) && error.code).toBe('not-found');
    await model.dispose();
  });

  it('notices a worker that ends without an error, by the lock that it held', async () => {
    const waiting = new Map<string, (() => void)[]>();
    const request = async (
      name: string,
      { signal }: { readonly signal?: AbortSignal },
      whenGranted: () => void,
    ): Promise<void> => {
      const others = waiting.get(name);
      if (others === undefined) waiting.set(name, []);
      else await new Promise<void>((resolve) => others.push(resolve));
      if (!signal?.aborted) whenGranted();
    };
    vi.stubGlobal('navigator', { locks: { request } });
    onTestFinished(() => void vi.unstubAllGlobals());
    const model = await load();
    const reading = (async () => {
      for await (const event of model.generate(imageRequest)) {
        if (event.type === 'start') for (const grant of [...waiting.values()].flat()) grant();
      }
    })();
    await expect(reading).rejects.toThrow('the browser ended it, perhaps for want of memory');
    expect(waiting.size).toBe(1);
    await model.dispose();
  });

  it('fails when its worker does, and starts it again for the next request', async () => {
    const model = await load();
    const started = workers.length;
    const reading = (async () => {
      for await (const event of model.generate(imageRequest)) {
        if (event.type === 'start') workers.at(-1)!.fail('out of memory');
      }
    })();
    await expect(reading).rejects.toThrow("the model's worker ended while it was in use (out of memory)");
    expect((await eventsOf(model.generate(imageRequest))).at(-1)).toMatchObject({ type: 'end' });
    expect(workers.length).toBe(started + 1);
    model.terminate();
    expect((await eventsOf(model.generate(imageRequest))).at(-1)).toMatchObject({ type: 'end' });
    await model.dispose();
  });
});
