/** Processes that are killed, and servers that are told to end, while requests run. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { startServer, type ServerProcess } from './start-server.js';

const servers: ServerProcess[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.kill();
});

async function start(...args: Parameters<typeof startServer>): Promise<ServerProcess> {
  const server = await startServer(...args);
  servers.push(server);
  return server;
}

/** Process ids of the models' processes of a folder's name, by what they were started with. */
function modelProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('model-process');
      } catch {
        return false;
      }
    })
    .map(Number);
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(`${url}/v1/images/generations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'cat, noto', seed: 1, ...body }),
  });

const long = { num_inference_steps: 250, stream: true, partial_images: 3 };

it.skipIf(process.platform !== 'linux')(
  'a model that is killed is started again; others go on (finds its process in /proc: Linux)',
  async () => {
    const before = new Set(modelProcesses());
    const server = await start([], { models: ['emoji', 'second=emoji'] });
    const [first] = modelProcesses().filter((pid) => !before.has(pid));
    const streams = await Promise.all(
      ['emoji', 'second'].map((model) => post(server.url, { ...long, num_inference_steps: 60, model })),
    );
    process.kill(first, 'SIGKILL');
    const texts = await Promise.all(streams.map((response) => response.text().catch(String)));
    const finished = texts.map((text) => text.includes('image_generation.completed'));
    // One of the two was killed in the middle of its stream: it has no final event.
    expect(finished.filter(Boolean)).toHaveLength(1);
    const killed = ['emoji', 'second'][finished.indexOf(false)];
    const refused = await post(server.url, { model: killed, num_inference_steps: 2 });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { message: expect.any(String) } });
    while (!(await fetch(`${server.url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await post(server.url, { model: killed, num_inference_steps: 2 })).status).toBe(200);
  },
  120_000,
);

it.each([
  // The second of these hears it twice: its launcher passes it on.
  ['launcher', '127.0.0.1', false],
  ['group', '0.0.0.0', true],
] as const)(
  'SIGTERM to the %s ends what runs well, and refuses what is new',
  async (receiver, host, isOpen) => {
    const server = await start(['--host', host]);
    expect(server.log().includes('no API keys')).toBe(isOpen);
    const running = Array.from({ length: 6 }, (_, seed) =>
      post(server.url, { model: 'emoji', num_inference_steps: 40, seed, stream: seed % 2 === 0 }),
    );
    while ((await server.metric('vllm:num_requests_running')) !== 6) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const ended = server.stop(receiver);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const late = await post(server.url, { model: 'emoji', num_inference_steps: 2 }).then(
      ({ status }) => status,
      () => 'refused',
    );
    expect([503, 'refused']).toContain(late);
    for (const [seed, response] of (await Promise.all(running)).entries()) {
      expect(response.status).toBe(200);
      expect(await response.text()).toContain(seed % 2 === 0 ? 'image_generation.completed' : 'b64_json');
    }
    expect(await ended).toBe(0);
    servers.pop();
  },
  60_000,
);
