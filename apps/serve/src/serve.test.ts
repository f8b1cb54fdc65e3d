/** Servers from their start to their end, with folders in which there is no model. */
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createProgram } from './program.js';
import { serve, type ServeOptions } from './serve.js';

const folder = mkdtempSync(join(tmpdir(), 'transfusion-serve-'));

/** Returns a free port. */
async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Serves with the default options, but for some. */
function serveWith(port: number, options: Partial<ServeOptions> = {}): Promise<void> {
  return serve([`none=${folder}`], {
    ...createProgram().opts<ServeOptions>(),
    logLevel: 'silent',
    ...options,
    port,
  });
}

const health = (port: number): Promise<number> =>
  fetch(`http://127.0.0.1:${port}/health`).then(({ status }) => status);

it('ends with the reason if a model cannot be loaded, and leaves nothing that listens', async () => {
  const numListeners = process.listenerCount('SIGTERM');
  const port = await freePort();
  await expect(serveWith(port)).rejects.toThrow(`none: ${folder}`);
  await expect(health(port)).rejects.toThrow('fetch failed');
  expect(process.listenerCount('SIGTERM')).toBe(numListeners);
});

it('ends at SIGTERM, also while a model is being loaded', async () => {
  const port = await freePort();
  const served = serveWith(port);
  await vi.waitFor(async () => expect(await health(port)).toBe(200), { interval: 5 });
  process.emit('SIGTERM', 'SIGTERM');
  await served;
  await expect(health(port)).rejects.toThrow('fetch failed');
});
