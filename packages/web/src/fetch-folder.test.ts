import { afterEach, expect, it, vi } from 'vitest';
import { fetchFolder } from './fetch-folder.js';

afterEach(() => vi.unstubAllGlobals());

/** A cache in memory; `full` refuses to keep anything. */
function stubCaches(full = false): Map<string, Response> {
  const kept = new Map<string, Response>();
  const cache = {
    match: async (url: URL) => kept.get(url.href)?.clone(),
    put: async (url: URL, response: Response) => {
      if (full) throw new DOMException('no room', 'QuotaExceededError');
      kept.set(url.href, response);
    },
  };
  vi.stubGlobal('caches', { open: async () => cache });
  return kept;
}

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 256);

function stubFetch(answer: () => Response) {
  const fetch = vi.fn(async () => answer());
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

const answer = (body: BodyInit, length: number): Response =>
  new Response(body, { headers: { 'content-length': String(length) } });

it('reads from the network once, with progress', async () => {
  stubCaches();
  const fetch = stubFetch(() => answer(bytes, 1000));
  const onWarning = vi.fn();
  for (let load = 0; load < 2; load++) {
    const onBytes = vi.fn();
    const folder = fetchFolder('http://localhost/models/emoji', { cache: true, onWarning });
    expect(await folder.read('onnx/a.onnx', { onBytes })).toEqual(bytes);
    expect(onBytes).toHaveBeenLastCalledWith(1000, 1000);
  }
  expect(fetch).toHaveBeenCalledTimes(1);
  expect(fetch.mock.calls[0]).toEqual([
    new URL('http://localhost/models/emoji/onnx/a.onnx'),
    { signal: undefined },
  ]);
  await fetchFolder('http://localhost/models/emoji/', { cache: false, onWarning }).read('onnx/a.onnx');
  expect(fetch).toHaveBeenCalledTimes(2);
  expect(onWarning).not.toHaveBeenCalled();
});

it('warns once if there is no room, and goes on', async () => {
  stubCaches(true);
  stubFetch(() => answer(bytes, 1000));
  const onWarning = vi.fn();
  const folder = fetchFolder('http://localhost/emoji', { cache: true, onWarning });
  await folder.read('a');
  expect(await folder.read('b')).toEqual(bytes);
  expect(onWarning.mock.calls).toEqual([
    [
      'The browser has no room to keep the model, so it is downloaded again next time. Free some of its storage.',
    ],
  ]);
});

it('refuses what is missing, cut off or unreachable, and keeps none of it', async () => {
  const kept = stubCaches();
  const folder = fetchFolder('http://localhost/emoji', { cache: true, onWarning: vi.fn() });
  stubFetch(() => new Response('', { status: 404 }));
  await expect(folder.read('a')).rejects.toThrow(
    'http://localhost/emoji/a cannot be read (status 404). Give the URL',
  );
  stubFetch(() => answer(bytes.slice(0, 10), 1000));
  await expect(folder.read('a')).rejects.toThrow(
    'a ended after 10 bytes, expected 1000. Load the model again.',
  );
  stubFetch(() => {
    throw new TypeError('fetch failed');
  });
  await expect(folder.read('a')).rejects.toThrow('a cannot be read (fetch failed)');
  expect(kept.size).toBe(0);
});
