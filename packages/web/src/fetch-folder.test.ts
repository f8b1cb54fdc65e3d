import { createHash } from 'node:crypto';
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
    delete: async (url: URL) => {
      for (const key of kept.keys()) if (key.split('?')[0] === url.href) kept.delete(key);
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

const described = (content: Uint8Array) => ({
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
});
const expected = described(bytes);

const answer = (body: BodyInit, length: number): Response =>
  new Response(body, { headers: { 'content-length': String(length) } });

it('reads a file of a digest from the network once, with progress', async () => {
  const kept = stubCaches();
  const fetch = stubFetch(() => answer(bytes, 1000));
  const onWarning = vi.fn();
  const headers = { authorization: 'Bearer sk-1' };
  for (let load = 0; load < 2; load++) {
    const onBytes = vi.fn();
    const folder = fetchFolder('http://localhost/models/emoji', { cache: true, headers, onWarning });
    expect(await folder.read('onnx/a.onnx', { onBytes, expected })).toEqual(bytes);
    expect(onBytes).toHaveBeenLastCalledWith(1000);
  }
  expect(fetch).toHaveBeenCalledTimes(1);
  expect(fetch.mock.calls[0]).toEqual([
    new URL('http://localhost/models/emoji/onnx/a.onnx'),
    { headers, signal: undefined },
  ]);
  const folder = fetchFolder('http://localhost/models/emoji/', { cache: false, onWarning });
  await folder.read('onnx/a.onnx', { expected });
  expect(fetch).toHaveBeenCalledTimes(2);
  expect(onWarning).not.toHaveBeenCalled();
  expect([...kept.keys()]).toEqual([`http://localhost/models/emoji/onnx/a.onnx?sha256=${expected.sha256}`]);
});

it('replaces a file that has changed, and reads the newest of one without a digest', async () => {
  const kept = stubCaches();
  const folder = fetchFolder('http://localhost/emoji', { cache: true, onWarning: vi.fn() });
  stubFetch(() => answer(bytes, 1000));
  await folder.read('a', { expected });
  await folder.read('config.json');
  const fetch = stubFetch(() => answer(bytes.slice(0, 10), 10));
  const changed = described(bytes.slice(0, 10));
  expect(await folder.read('a', { expected: changed })).toHaveLength(10);
  expect(await folder.read('config.json')).toHaveLength(10);
  expect(fetch).toHaveBeenCalledTimes(2);
  expect([...kept.keys()]).toEqual([
    `http://localhost/emoji/a?sha256=${changed.sha256}`,
    'http://localhost/emoji/config.json',
  ]);
  stubFetch(() => {
    throw new TypeError('offline');
  });
  expect(await folder.read('config.json')).toHaveLength(10);
  stubFetch(() => new Response('', { status: 401 }));
  await expect(folder.read('config.json')).rejects.toThrow('config.json cannot be read (status 401)');
});

it('keeps nothing that config.json does not describe', async () => {
  const kept = stubCaches();
  const folder = fetchFolder('http://localhost/emoji', { cache: true, onWarning: vi.fn() });
  stubFetch(() => answer(bytes.slice(0, 10), 10));
  await expect(folder.read('a', { expected })).rejects.toThrow('a: it has 10 bytes, expected 1000');
  stubFetch(() => answer(bytes.toReversed(), 1000));
  await expect(folder.read('a', { expected })).rejects.toThrow(/a: its SHA-256 is \w{64}, expected \w{64}/);
  expect(kept.size).toBe(0);
  stubFetch(() => answer(bytes, 1000));
  expect(await folder.read('a', { expected })).toEqual(bytes);
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
  const body = { error: { message: 'The model cannot be exported.' } };
  stubFetch(() => Response.json(body, { status: 501 }));
  await expect(folder.read('a')).rejects.toThrow('a cannot be read. The model cannot be exported.');
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
