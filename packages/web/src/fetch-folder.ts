/** Exported folders at a URL, kept in the browser's cache. */
import { TransfusionError } from '@transfusion/errors';
import type { ExportedFile } from '@transfusion/export/export-format';
import type { FolderReader, ReadOptions } from './folder-reader.js';
import { checkSize } from './read-config.js';

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
      const { expected, signal } = options;
      const file = new URL(path, base);
      const key = new URL(file);
      if (expected !== undefined) key.searchParams.set('sha256', expected.sha256);
      const store = await openCache();
      const kept = await store?.match(key);
      if (kept !== undefined && expected !== undefined) return readBody(kept, path, where, options);
      const response = await fetch(file, { headers, signal }).catch((cause: unknown) => {
        signal?.throwIfAborted();
        // Without a network, the one that was kept is the newest there is.
        if (kept !== undefined) return kept;
        throw notFound(file, where, (cause as Error).message, cause);
      });
      if (!response.ok) throw await refusal(response, file, where);
      const bytes = await readBody(response, path, where, options);
      if (response === kept) return bytes;
      // Before they are kept, or the next load would have them again.
      if (expected !== undefined) await check(bytes, expected, `${where}: ${path}`);
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

/** Checks the content of a file; its digest only in pages with TLS, and of this machine: others have no `crypto.subtle`. */
async function check(bytes: Uint8Array<ArrayBuffer>, expected: ExportedFile, where: string): Promise<void> {
  checkSize(bytes, expected, where);
  const { subtle } = crypto as { readonly subtle?: SubtleCrypto };
  if (subtle === undefined) return;
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (sha256 === expected.sha256) return;
  throw new TransfusionError(
    'invalid-file',
    `${where}: its SHA-256 is ${sha256}, expected ${expected.sha256} by config.json. Load the model again: it has changed meanwhile.`,
  );
}

/** Returns the error for an answer without the file, with the server's own message if it has one. */
async function refusal(response: Response, file: URL, where: string): Promise<TransfusionError> {
  const problem = await problemOf(response);
  if (problem === undefined) return notFound(file, where, `status ${response.status}`);
  return new TransfusionError('not-found', `${where}: ${file.href} cannot be read. ${problem}`);
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
