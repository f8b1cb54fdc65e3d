/** Two servers behind nginx, with the configuration that `@transfusion/serve` ships. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
    mkdirSync(join(folder, 'temp'));
    nginx = spawn('nginx', ['-p', folder, '-c', 'nginx.conf'], { stdio: ['ignore', 'inherit', 'inherit'] });
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

  const generate = (fields: object = {}): Promise<Response> =>
    fetch(`${url}/v1/images/generations`, {
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
});
