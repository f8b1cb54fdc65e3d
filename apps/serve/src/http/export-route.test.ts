import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ExportError } from '../inference/model-exports.js';
import { fakeHost } from '../testing-internals/fake-host.js';
import { listeningServer, testServer } from '../testing-internals/test-server.js';

const folder = mkdtempSync(join(tmpdir(), 'transfusion-export-route-'));
mkdirSync(join(folder, 'onnx'));
writeFileSync(join(folder, 'config.json'), '{"a":1}');
writeFileSync(join(folder, 'onnx', 'weights.onnx_data'), Buffer.of(1, 2, 3));

const exported: string[] = [];
const exports = {
  folderOf: async (name: string) => {
    exported.push(name);
    if (name === 'broken') throw new ExportError("The model 'broken' cannot be exported: no codec.", true);
    if (name === 'unlucky') throw new Error('no space left on /tmp/secret');
    return folder;
  },
};
const models = ['fake', 'my model', 'broken', 'unlucky'].map((name) => fakeHost({ name }));
const start = (apiKeys: string[] = []) => testServer({ models, apiKeys, exports });

it('serves the files of a model that is exported when somebody asks', async () => {
  const app = await start();
  exported.length = 0;
  const { data } = (await app.inject('/v1/models')).json<{ data: { export_path: string }[] }>();
  expect(data.map((model) => model.export_path)).toEqual([
    'v1/models/fake/export/',
    'v1/models/my%20model/export/',
    'v1/models/broken/export/',
    'v1/models/unlucky/export/',
  ]);
  expect(exported).toEqual([]);
  const config = await app.inject('/v1/models/my%20model/export/config.json');
  expect([config.statusCode, config.json()]).toEqual([200, { a: 1 }]);
  expect(config.headers['cache-control']).toBe('no-cache');
  const weights = await app.inject('/v1/models/fake/export/onnx/weights.onnx_data');
  expect(weights.rawPayload).toEqual(Buffer.of(1, 2, 3));
  expect(weights.headers).toMatchObject({
    'content-length': '3',
    'content-type': 'application/octet-stream',
  });
  expect(exported).toEqual(['my model', 'fake']);
});

it('serves nothing else, and says why', async () => {
  const app = await start();
  for (const path of [
    'other',
    'onnx',
    '../package.json',
    '%2e%2e%2fpackage.json',
    'onnx/../../x',
    '.hidden',
    '',
  ]) {
    const { statusCode, headers } = await app.inject(`/v1/models/fake/export/${path}`);
    expect([path, statusCode]).toEqual([path, 404]);
    expect(headers['content-type']).toContain('application/json');
  }
  expect((await app.inject('/v1/models/none/export/config.json')).statusCode).toBe(404);
  const broken = await app.inject('/v1/models/broken/export/config.json');
  expect([broken.statusCode, broken.json<{ error: { message: string } }>().error.message]).toEqual([
    501,
    "The model 'broken' cannot be exported: no codec.",
  ]);
  const unlucky = await app.inject('/v1/models/unlucky/export/config.json');
  expect(unlucky.statusCode).toBe(503);
  expect(unlucky.headers).toHaveProperty('retry-after');
  expect(unlucky.body).not.toContain('secret');
});

it('ends downloads that take too long, which would hold up the end of the server', async () => {
  writeFileSync(join(folder, 'onnx', 'large.onnx_data'), new Uint8Array(2 ** 26));
  const { app, port } = await listeningServer({ models, exports, limits: { requestTimeout: 300 } });
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  socket.write('GET /v1/models/fake/export/onnx/large.onnx_data HTTP/1.1\r\nhost: x\r\n\r\n');
  await sleep(100);
  const started = performance.now();
  await app.drain();
  expect(performance.now() - started).toBeLessThan(2000);
  socket.destroy();
});

it('needs a key, and an operator who allows it', async () => {
  const app = await start(['sk-1']);
  const url = '/v1/models/fake/export/config.json';
  expect((await app.inject(url)).statusCode).toBe(401);
  const authorized = await app.inject({ url, headers: { authorization: 'Bearer sk-1' } });
  expect(authorized.statusCode).toBe(200);
  const closed = await testServer({ models });
  expect((await closed.inject(url)).statusCode).toBe(404);
  expect((await closed.inject('/v1/models/fake')).json()).not.toHaveProperty('export_path');
});
