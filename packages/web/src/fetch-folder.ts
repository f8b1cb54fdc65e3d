/** Exported folders at a URL, kept in the browser's cache. */
import { TransfusionError } from '@transfusion/errors';
import type { FolderReader, ReadOptions } from './folder-reader.js';

/** Options of {@link fetchFolder}. */
export interface FetchFolderOptions {
  readonly cache: boolean;
  /** Headers of all requests, such as one with a key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called when files cannot be kept. */
  readonly onWarning: (warning: string) => void;
}

const CACHE = 'transfusion-models';

/** Returns the reader of the folder at a URL, with or without a slash at its end. */
export function fetchFolder(
  url: string | URL,
  { cache, headers, onWarning }: FetchFolderOptions,
): FolderReader {
  const where = String(url).replace(/\/*$/, '/');
  const base = new URL(where, globalThis.location?.href);
  let warned = false;
  const warnOnce = (error: unknown): void => {
    if (warned) return;
    warned = true;
    const { name, message } = error as Error;
    onWarning(
      name === 'QuotaExceededError'
        ? 'The browser has no room to keep the model, so it is downloaded again next time. Free some of its storage.'
        : `The browser does not keep the model, so it is downloaded again next time (${message}).`,
    );
  };
  const openCache = async (): Promise<Cache | undefined> => {
    if (!cache || typeof caches === 'undefined') return undefined;
    return caches.open(CACHE).catch((error: unknown) => void warnOnce(error));
  };
  return {
    where,
    read: async (path, options = {}) => {
      const file = new URL(path, base);
      const key = new URL(file);
      if (options.sha256 !== undefined) key.searchParams.set('sha256', options.sha256);
      const store = await openCache();
      const kept = await store?.match(key);
      if (kept !== undefined && options.sha256 !== undefined) return readBody(kept, path, where, options);
      let response: Response;
      try {
        response = await fetchFile(file, where, { headers, signal: options.signal });
      } catch (error) {
        // Without a network, what was kept is the newest there is.
        if (kept === undefined || options.signal?.aborted) throw error;
        return readBody(kept, path, where, options);
      }
      const bytes = await readBody(response, path, where, options);
      // Former versions first, so that there is room.
      await store
        ?.delete(file, { ignoreSearch: true })
        .then(() =>
          store.put(key, new Response(bytes, { headers: { 'content-length': String(bytes.length) } })),
        )
        .catch(warnOnce);
      return bytes;
    },
  };
}

async function fetchFile(file: URL, where: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(file, init);
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw notFound(file, where, (cause as Error).message, cause);
  }
  if (response.ok) return response;
  throw notFound(file, where, (await problemOf(response)) ?? `status ${response.status}`);
}

/** Returns the message of an error, as OpenAI's API and ours write it. */
async function problemOf(response: Response): Promise<string | undefined> {
  const body = (await response.json().catch(() => undefined)) as
    { readonly error?: { readonly message?: unknown } } | undefined;
  return typeof body?.error?.message === 'string' ? body.error.message : undefined;
}

/** Reads a body to its end; the length that the server gave is the length that must come. */
async function readBody(
  response: Response,
  path: string,
  where: string,
  { signal, onBytes }: ReadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = response.headers.get('content-length');
  // Of a compressed body it is another length.
  const total = header === null || response.headers.has('content-encoding') ? undefined : Number(header);
  const parts: Uint8Array[] = [];
  let loaded = 0;
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      signal?.throwIfAborted();
      throw incomplete(where, path, loaded, total, cause);
    });
    if (done) break;
    parts.push(value);
    loaded += value.length;
    onBytes?.(loaded);
  }
  if (total !== undefined && loaded !== total) throw incomplete(where, path, loaded, total);
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function incomplete(
  where: string,
  path: string,
  loaded: number,
  total?: number,
  cause?: unknown,
): TransfusionError {
  return new TransfusionError(
    'invalid-file',
    `${where}: ${path} ended after ${loaded} bytes, expected ${total ?? 'more'}. Load the model again.`,
    { cause },
  );
}

function notFound(file: URL, where: string, problem: string, cause?: unknown): TransfusionError {
  return new TransfusionError(
    'not-found',
    `${where}: ${file.href} cannot be read (${problem}). Give the URL of a folder that \`transfusion export\` wrote.`,
    { cause },
  );
}
