/** The packages as their users get them: published, installed into an empty folder outside the workspace, and used. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocks } from '@transfusion/setup/markdown-blocks';
import { root } from '@transfusion/setup/workspace';
import { expect, inject, test } from 'vitest';
import { emptyFolder } from './empty-folder.js';
import { publicPackages } from './publish-packages.js';
import { readmeSection } from './readme-section.js';
import { startServer } from './start-server.js';

test('every package is published', async () => {
  expect(publicPackages.length).toBeGreaterThan(15);
  const { url } = inject('registry');
  for (const { manifest } of publicPackages) {
    const response = await fetch(`${url}${manifest.name}`);
    expect([manifest.name, response.status]).toEqual([manifest.name, 200]);
  }
});

/** Generates the image of the README again, in a new process, from the checkpoint or an export. */
const RELOAD = `
import { createHash } from 'node:crypto';
import { selectEngine } from '@transfusion/engine';
import { imageFactory } from '@transfusion/modality-image';
import { textFactory } from '@transfusion/modality-text';
import { textToImage } from '@transfusion/pipelines';
import { loadModel } from '@transfusion/runs';

await selectEngine('auto');
const loaded = await loadModel(process.argv[2], [textFactory(), imageFactory()]);
const [red] = await textToImage(loaded, ['red'], { numInferenceSteps: 50, seed: 1 });
console.log(createHash('sha256').update(red.data).digest('hex'), red.data.slice(0, 3).join());
`;

test(
  'the README’s program composes, trains, generates, and is loaded again',
  { timeout: 240_000 },
  async () => {
    const { path, run } = emptyFolder('colors');
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const blocks = codeBlocks(readmeSection(readme, 'Compose your own model'));
    expect(blocks.slice(0, 3).map(({ language }) => language)).toEqual(['sh', 'ts', 'sh']);
    const [install, program, start] = blocks.map(({ code }) => code.trim());
    for (const line of install.split('\n')) await run(line);
    writeFileSync(join(path, 'colors.ts'), program);
    expect(await run(start)).toMatch(/^200 0\.\d+ /m);

    await run('npm install @transfusion/runs @transfusion/cli');
    writeFileSync(join(path, 'reload.mjs'), RELOAD);
    const first = await run('node reload.mjs runs/colors');
    expect(await run('node reload.mjs runs/colors')).toBe(first);
    const [r, g, b] = first.split(' ')[1].split(',').map(Number);
    expect(r - Math.max(g, b)).toBeGreaterThan(100);

    await run('npx transfusion export runs/colors --out model');
    const exported = await run('node reload.mjs model');
    expect(exported.split(' ')[1].split(',').map(Number)[0]).toBeGreaterThan(150);
    expect(await run('npx transfusion sample model red --seed 1 --out sampled.png')).toBe('sampled.png\n');
    expect(await run('npx transfusion caption model red.png')).toBe('red.png: red\n');
  },
);

test('the command line works by itself', { timeout: 120_000 }, async () => {
  const { run } = emptyFolder('command');
  await run('npm install @transfusion/cli');
  expect(await run('npx transfusion sample emoji "red apple, noto" --steps 4 --out apple.png')).toBe(
    'apple.png\n',
  );
  await expect(run('npx transfusion train emoji-pixels --steps 1')).rejects.toThrow(
    'Install them: npm install unicode-emoji-json emojilib @iconify-json/noto',
  );
});

test('the server is started by the command, and answers', { timeout: 120_000 }, async () => {
  const { path, env, run } = emptyFolder('server');
  await run('npm install @transfusion/cli');
  await expect(run('npx transfusion serve emoji')).rejects.toThrow(
    'serve: @transfusion/serve is not installed. Run `npm install @transfusion/serve`',
  );
  await run('npm install @transfusion/serve');
  const { address, stop } = await startServer(
    'npx transfusion serve emoji --port 0 --log-level error',
    path,
    env,
  );
  try {
    const response = await fetch(`${address}/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'emoji', prompt: 'red apple, noto', num_inference_steps: 4 }),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ data: [{ b64_json: expect.stringMatching(/^iVBOR/) }] });
  } finally {
    await stop();
  }
});
