import { beforeEach, expect, it, vi } from 'vitest';
import type { BrowserModel, BrowserModelOptions } from '../browser/browser-model.js';
import { place, runInBrowser, runOnServer } from './place.js';

interface Load {
  readonly options: BrowserModelOptions;
  readonly resolve: (model: BrowserModel) => void;
  readonly reject: (error: Error) => void;
}

const loads: Load[] = [];

vi.mock('../browser/browser-model.js', () => ({
  loadBrowserModel: (options: BrowserModelOptions) =>
    new Promise((resolve, reject) => loads.push({ options, resolve, reject })),
}));

const emoji = { name: 'emoji', exportUrl: 'http://localhost/v1/models/emoji/export/' };

function loadedModel(): BrowserModel {
  const model = { device: 'wasm', schedulers: ['flow-euler'], stepCounts: [25], warnings: [] } as const;
  return { ...model, generate: vi.fn(), dispose: vi.fn<() => void>() };
}

/** Begins to load, and returns the load. */
async function begin(): Promise<Load & { readonly done: Promise<void> }> {
  const count = loads.length;
  const done = runInBrowser(emoji);
  await vi.waitFor(() => expect(loads).toHaveLength(count + 1));
  return { ...loads[count], done };
}

beforeEach(runOnServer);

it('generates in the browser when the model is loaded, and shows the progress until then', async () => {
  const { options, resolve, done } = await begin();
  expect(options).toMatchObject({ name: 'emoji', url: emoji.exportUrl });
  options.onProgress({ file: 'a', loaded: 3, total: 9 });
  expect(place.value).toEqual({ at: 'loading', model: 'emoji', loaded: 3, total: 9 });
  const model = loadedModel();
  resolve(model);
  await done;
  expect(place.value).toEqual({ at: 'browser', model: 'emoji', runs: model });
  // Of a worker that the browser ended, and that the next request starts again.
  options.onProgress({ file: 'a', loaded: 1, total: 9 });
  expect(place.value.at).toBe('browser');
  runOnServer();
  expect(place.value).toEqual({ at: 'server' });
  expect(model.dispose).toHaveBeenCalledTimes(1);
});

it('stays with the server if the model cannot be loaded, and says why', async () => {
  const { reject, done } = await begin();
  reject(new Error('config.json: it is not JSON'));
  await done;
  expect(place.value).toEqual({ at: 'server', problem: 'config.json: it is not JSON' });
});

it('frees a model that is loaded when nobody wants it any more', async () => {
  const first = await begin();
  runOnServer();
  expect(first.options.signal.aborted).toBe(true);
  const second = await begin();
  const [late, wanted] = [loadedModel(), loadedModel()];
  first.options.onProgress({ file: 'a', loaded: 9, total: 9 });
  expect(place.value).toMatchObject({ at: 'loading', loaded: 0 });
  first.resolve(late);
  await first.done;
  expect(late.dispose).toHaveBeenCalledTimes(1);
  expect(place.value.at).toBe('loading');
  second.resolve(wanted);
  await second.done;
  expect(place.value).toMatchObject({ at: 'browser', runs: wanted });
});
