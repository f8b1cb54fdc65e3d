import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { fakeHost } from '../testing-internals/fake-host.js';
import { testServer } from '../testing-internals/test-server.js';

const pageFolder = mkdtempSync(join(tmpdir(), 'transfusion-page-'));
const html = '<!doctype html><title>Page</title>';
const script = 'console.log(1);'.repeat(100);
mkdirSync(join(pageFolder, 'assets'));
writeFileSync(join(pageFolder, 'index.html'), html);
writeFileSync(join(pageFolder, 'assets', 'index-abc.js'), script);
writeFileSync(join(pageFolder, 'font.bin'), Buffer.of(0, 255));

const start = () => testServer({ models: [fakeHost()], apiKeys: ['sk-1'], pageFolder });

it('serves the page without a key, with a policy that allows no inline scripts', async () => {
  const app = await start();
  const { statusCode, headers, body } = await app.inject('/');
  expect([statusCode, body]).toEqual([200, html]);
  expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
  expect(headers).toMatchObject({
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  });
  const policy = headers['content-security-policy'];
  expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';");
  expect(policy).not.toContain("'unsafe");
  expect((await app.inject({ url: '/', headers: { 'if-none-match': headers.etag } })).statusCode).toBe(304);
  expect((await app.inject({ url: '/', method: 'HEAD' })).statusCode).toBe(200);
});

it('serves files for good, in the encoding that a browser takes', async () => {
  const app = await start();
  const get = (encoding: string) =>
    app.inject({ url: '/assets/index-abc.js', headers: { 'accept-encoding': encoding } });
  const plain = await get('identity');
  expect(plain.body).toBe(script);
  expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(plain.headers).not.toHaveProperty('content-encoding');
  const gzip = await get('gzip, deflate');
  expect(gzip.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
  expect(gunzipSync(gzip.rawPayload).toString()).toBe(script);
  const brotli = await get('gzip, deflate, br');
  expect(brotli.headers['content-encoding']).toBe('br');
  expect(brotliDecompressSync(brotli.rawPayload).toString()).toBe(script);
  expect((await app.inject('/font.bin')).rawPayload).toEqual(Buffer.of(0, 255));
});

it('serves nothing else, and describes no file as API', async () => {
  const app = await start();
  for (const url of ['/assets/other.js', '/index.html', '/../package.json', '/%2e%2e/package.json'])
    expect((await app.inject(url)).statusCode).toBe(404);
  expect(
    Object.keys(app.swagger().paths ?? {}).filter((path) => !/^\/(v1|health|readyz|metrics)/.test(path)),
  ).toEqual([]);
});
