/** Two servers behind nginx, with the configuration that `@transfusion/serve` ships. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type ServerProcess } from './start-server.js';

const CONFIG = fileURLToPath(new URL('../../../../apps/serve/deploy/nginx.conf', import.meta.url));
const hasNginx = spawnSync('nginx', ['-v']).status === 0;

describe.skipIf(!hasNginx)('nginx (skipped where it is not installed)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'transfusion-nginx-'));
  let servers: ServerProcess[];
  let nginx: ChildProcess;
  const url = 'http://127.0.0.1:8000';

  beforeAll(async () => {
    servers = await Promise.all([8001, 8002].map((port) => startServer([], { port })));
    cpSync(CONFIG, join(folder, 'nginx.conf'));
    // Started by root, nginx would give up its rights to this folder.
    const user = process.getuid?.() === 0 ? ['-g', 'user root;'] : [];
    nginx = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', ...user], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    while (
      !(await fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      expect(nginx.exitCode).toBeNull();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }, 60_000);
  afterAll(async () => {
    nginx.kill();
    await Promise.all(servers.map((server) => server.kill()));
    rmSync(folder, { recursive: true });
  });

  const generate = (fields: object = {}, server = url): Promise<Response> =>
    fetch(`${server}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'emoji', prompt: 'cat, noto', num_inference_steps: 20, ...fields }),
    });

  it('sends each request to the server that has fewer', async () => {
    const responses = Array.from({ length: 8 }, (_, seed) => generate({ seed }));
    await Promise.all(responses.map(async (response) => expect((await response).status).toBe(200)));
    for (const server of servers) {
      const count = await server.metric('vllm:request_success_total');
      expect(count).toBeGreaterThanOrEqual(3);
      expect(count).toBeLessThanOrEqual(5);
    }
  });

  it('passes partial images on as they come', async () => {
    const started = performance.now();
    const response = await generate({ stream: true, partial_images: 3, num_inference_steps: 60 });
    const arrivals: number[] = [];
    for await (const chunk of response.body!) {
      void chunk;
      arrivals.push(performance.now() - started);
    }
    expect(arrivals.length).toBeGreaterThanOrEqual(4);
    expect(arrivals[0]).toBeLessThan(0.6 * arrivals[arrivals.length - 1]);
  });

  it('loses only the streams of a server that is killed', async () => {
    const responses = await Promise.all(
      Array.from({ length: 8 }, (_, seed) =>
        generate({ seed, stream: true, partial_images: 3, num_inference_steps: 80 }),
      ),
    );
    // The headers are here, so that none of them can be sent to the other server instead.
    const lost = await servers[0].metric('vllm:num_requests_running');
    const texts = responses.map((response) => response.text().catch(() => 'cut off'));
    await servers[0].kill();
    const finished = (await Promise.all(texts)).filter((text) => text.includes('image_generation.completed'));
    expect(lost).toBeGreaterThanOrEqual(3);
    expect(finished).toHaveLength(8 - lost);
    // All that come afterwards are answered by the other.
    for (let seed = 0; seed < 4; seed++) {
      expect((await generate({ seed, num_inference_steps: 2 })).status).toBe(200);
    }
  }, 30_000);

  it('sends an upload that a server refuses to the other', async () => {
    // In place of the one that was killed; it shuts down, but has something to do.
    const draining = await startServer([], { port: 8001 });
    const fields = { stream: true, partial_images: 3, num_inference_steps: 250, n: 4 };
    const running = await generate(fields, draining.url);
    const ended = draining.stop();
    while ((await fetch(`${draining.url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 5));
    const png = await noise(128);
    const edit = async (): Promise<number> => {
      const body = new FormData();
      body.append('image', new Blob([png], { type: 'image/png' }), 'noise.png');
      body.append('prompt', 'draw this in the twemoji style');
      body.append('num_inference_steps', '2');
      return (await fetch(`${url}/v1/images/edits`, { method: 'POST', body })).status;
    };
    expect(await Promise.all(Array.from({ length: 4 }, edit))).toEqual([200, 200, 200, 200]);
    await running.body!.cancel();
    await ended;
    expect(draining.log()).toMatch(/"route":"\/v1\/images\/edits","status":503/);
  }, 30_000);
});

/** Returns a PNG of random pixels, which is larger than what nginx reads with the head of a request. */
async function noise(size: number): Promise<Uint8Array<ArrayBuffer>> {
  const data = crypto.getRandomValues(new Uint8Array(3 * size * size));
  const image = sharp(data, { raw: { width: size, height: size, channels: 3 } });
  return Uint8Array.from(await image.png().toBuffer());
}
