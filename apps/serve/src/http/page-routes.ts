/** The page at `/`: static files, each read when it is asked for first. None needs a key; the page asks for one. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

/**
 * Policy of the page: everything from this server, no inline scripts, and its own files in memory as images and sounds.
 * Styles of elements are set by scripts, which the policy allows. WebAssembly runs models in the browser; its "eval" is
 * about compiling it, not about texts as scripts.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const mediaTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Adds a route for each file of a folder, and `/` for its `index.html`. Those under `assets/` never change. */
export function addPageRoutes(app: FastifyInstance, folder: string): void {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const entry of found.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(join(folder, sep).length).split(sep).join('/');
    addFile(app, name === 'index.html' ? '/' : `/${name}`, path);
  }
}

function addFile(app: FastifyInstance, url: string, path: string): void {
  const extension = extname(path);
  const mediaType = mediaTypes[extension] ?? 'application/octet-stream';
  // WebAssembly is large, and few need it.
  const read = once(async () => {
    const bytes = await readFile(path);
    return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"` };
  });
  const compressed = encodings.map(({ name, compress }) => ({
    name,
    read: once(async () => compress((await read()).bytes)),
  }));
  app.get(url, { schema: { hide: true }, logLevel: 'warn' }, async (request, reply) => {
    const { bytes, etag } = await read();
    void reply.headers({
      'content-type': mediaType,
      'cache-control': url.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      // Threads need a page that is isolated; it runs without them, too.
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
      etag,
    });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    const accepted = String(request.headers['accept-encoding'] ?? '');
    const encoding = extension in mediaTypes && compressed.find(({ name }) => accepts(accepted, name));
    if (!encoding) return reply.send(bytes);
    return reply.header('content-encoding', encoding.name).send(await encoding.read());
  });
}

/** Returns a function that runs another once, and again only if that failed. */
function once<T>(run: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= run();
    result.catch(() => (result = undefined));
    return result;
  };
}

/** Encodings, the smallest first. */
const encodings: readonly { readonly name: string; readonly compress: (bytes: Buffer) => Promise<Buffer> }[] =
  [
    {
      name: 'br',
      compress: (bytes) =>
        promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
    },
    { name: 'gzip', compress: (bytes) => promisify(gzip)(bytes) },
  ];

function accepts(header: string, encoding: string): boolean {
  return new RegExp(`\\b${encoding}\\b`).test(header);
}
