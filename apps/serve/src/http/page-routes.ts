/** The page at `/`: static files, read once. None needs a key; the page asks for one. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

/**
 * Policy of the page: everything from this server, no inline scripts, and its own files in memory as images and sounds.
 * Styles of elements are set by scripts, which the policy allows.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
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
};

/** Adds a route for each file of a folder, and `/` for its `index.html`. Those under `assets/` never change. */
export function addPageRoutes(app: FastifyInstance, folder: string): void {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const entry of found.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(join(folder, sep).length).split(sep).join('/');
    addFile(app, name === 'index.html' ? '/' : `/${name}`, readFileSync(path), extname(name));
  }
}

function addFile(app: FastifyInstance, url: string, bytes: Buffer, extension: string): void {
  const mediaType = mediaTypes[extension] ?? 'application/octet-stream';
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
  const encodings = mediaTypes[extension] === undefined ? {} : compressed(bytes);
  app.get(url, { schema: { hide: true }, logLevel: 'warn' }, (request, reply) => {
    void reply.headers({
      'content-type': mediaType,
      'cache-control': url.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
      etag,
    });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    const accepted = String(request.headers['accept-encoding'] ?? '');
    const encoding = Object.keys(encodings).find((name) => new RegExp(`\\b${name}\\b`).test(accepted));
    if (encoding === undefined) return reply.send(bytes);
    return reply.header('content-encoding', encoding).send(encodings[encoding]);
  });
}

/** Returns a file by encoding, the smallest first. */
function compressed(bytes: Buffer): Readonly<Record<string, Buffer>> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
  return { br: brotliCompressSync(bytes, { params }), gzip: gzipSync(bytes, { level: 9 }) };
}
