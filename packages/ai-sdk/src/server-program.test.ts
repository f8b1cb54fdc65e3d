/** The README's program for a server, which needs one: the other programs run with those of all packages. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { pngLike } from './testing-internals/png-like.js';
import {
  byteStream,
  chunk,
  eventsOf,
  imagePart,
  json,
  startWireServer,
} from './testing-internals/wire-server.js';

const root = fileURLToPath(new URL('..', import.meta.url));

it('runs with a server', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const [, program] = /^```js\n(.*?)^```$/ms.exec(readme)!;
  const server = await startWireServer();
  const image = { b64_json: Buffer.from(pngLike(3)).toString('base64') };
  server.answers = [
    byteStream(
      eventsOf(chunk({ content: 'apple' }), chunk({ images: [imagePart(pngLike(1))] }), chunk({}, 'stop')),
    ),
    json({ data: [image, image] }),
    json({ data: [image] }),
  ];
  // Inside the package, which finds itself by name.
  await mkdir(join(root, 'test-results'), { recursive: true });
  const folder = await mkdtemp(join(root, 'test-results', 'readme-'));
  try {
    await writeFile(join(folder, 'program.mjs'), program);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@transfusion/source', '--import', import.meta.resolve('tsx'), 'program.mjs'],
      { cwd: folder, env: { ...process.env, TRANSFUSION_URL: server.baseURL, TRANSFUSION_API_KEY: 'key' } },
    );
    expect(stdout).toBe('apple1 images in the document, 2 from text\n');
    expect((await readdir(folder)).sort()).toEqual(['document-1.png', 'edited.png', 'program.mjs']);
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/v1/chat/completions',
      '/v1/images/generations',
      '/v1/images/edits',
    ]);
    expect(server.requests[0].headers.authorization).toBe('Bearer key');
  } finally {
    await rm(folder, { recursive: true });
    await server.close();
  }
});
