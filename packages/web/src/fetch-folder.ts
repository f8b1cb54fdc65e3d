/** Exported folders at a URL, kept in the browser's cache. */
import { TransfusionError } from '@transfusion/errors';
import type { FolderReader, ReadOptions } from './folder-reader.js';

/** Options of {@link fetchFolder}. */
export interface FetchFolderOptions {
  readonly cache: boolean;
  /** Called when files cannot be kept. */
  readonly onWarning: (warning: string) => void;
}

const CACHE = 'transfusion-models';

/** Returns the reader of the folder at a URL, with or without a slash at its end. */
export function fetchFolder(url: string | URL, { cache, onWarning }: FetchFolderOptions): FolderReader {
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
      const store = await openCache();
      const kept = await store?.match(file);
      if (kept !== undefined) return readBody(kept, path, where, options);
      const response = await fetchFile(file, where, options.signal);
      const bytes = await readBody(response, path, where, options);
      await store
        ?.put(file, new Response(bytes, { headers: { 'content-length': String(bytes.length) } }))
        .catch(warnOnce);
      return bytes;
    },
  };
}

async function fetchFile(file: URL, where: string, signal: AbortSignal | undefined): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(file, { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw notFound(file, where, (cause as Error).message, cause);
  }
  if (!response.ok) throw notFound(file, where, `status ${response.status}`);
  return response;
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
    onBytes?.(loaded, total);
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
