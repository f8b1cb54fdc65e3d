/** The path of somebody who trains on images of their own: each command of the app's README, with a shorter training. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocks } from '@transfusion/setup/markdown-blocks';
import { expect, test } from 'vitest';
import { emptyFolder } from './empty-folder.js';
import { shell } from './shell.js';
import { startServer } from './start-server.js';

/** Steps of the training: the model learns little, but each part of it runs. */
const STEPS = 12;

test('from npm create to images over HTTP, as the README of the app says', { timeout: 300_000 }, async () => {
  const parent = emptyFolder('app-path');
  const created = await parent.run('npm create @transfusion -- my-app --template app');
  expect(created).toContain('npm run train');
  const path = join(parent.path, 'my-app');
  const guide = readFileSync(join(path, 'README.md'), 'utf8');
  /** Runs a line of the guide, with more arguments. */
  const run = (line: string, more = '', env: NodeJS.ProcessEnv = {}): Promise<string> => {
    expect(guide.split('\n').map((text) => text.split(' #')[0].trim())).toContain(line);
    return shell(`${line}${more}`, path, { ...parent.env, ...env });
  };

  await run('npm install');
  expect(await run('npm run make-images')).toContain('200 captioned images in images/');
  expect(await run('npm run check-data')).toContain(
    'images: 180 documents (180 text, 180 image), 0 records cannot be used',
  );

  expect(await run('npm run train', ` -- --steps ${STEPS}`)).toContain(`${STEPS} of ${STEPS} steps`);
  const resumed = await run('npm run train', ` -- --steps ${STEPS + 1}`);
  expect(resumed).toContain(`resuming after step ${STEPS}`);
  expect(resumed).toMatch(/validation\/loss \d/);

  expect(await run('npm run evaluate')).toContain('runs/my-app/evaluation.png');
  const evaluation: unknown = JSON.parse(readFileSync(join(path, 'runs/my-app/evaluation.json'), 'utf8'));
  expect(evaluation).toMatchObject({
    step: STEPS + 1,
    captionsOfImages: { exactMatch: expect.any(Number), ciderD: expect.any(Number) },
    validation: { 'validation/loss': expect.any(Number) },
  });
  const sample = 'npx transfusion sample runs/my-app "a red circle on white" --out circle.png';
  expect(await run(sample)).toContain('circle.png');
  expect(await run('npx transfusion caption runs/my-app circle.png')).toMatch(/^circle\.png: ./);

  const { address, stop } = await startServer(
    'npm run serve -- --port 0 --log-level error',
    path,
    parent.env,
  );
  try {
    const answered = await run('npm run client', '', { SERVER: address });
    expect(answered).toContain('generated.png: a red circle on white');
    expect(answered).toMatch(/its caption: ./);
    expect(readFileSync(join(path, 'generated.png')).subarray(1, 4).toString()).toBe('PNG');

    const [curl] = codeBlocks(guide).filter(({ code }) => code.startsWith('curl '));
    const line = curl.code.replaceAll('http://127.0.0.1:8000/v1', address);
    const completion = JSON.parse(await shell(line, path, parent.env)) as { readonly choices: unknown };
    expect(readFileSync(join(path, 'square.png')).subarray(1, 4).toString()).toBe('PNG');
    expect(completion.choices).toMatchObject([{ message: { content: expect.stringMatching(/./) } }]);
  } finally {
    await stop();
  }

  await run('npm run typecheck');
  expect(await run('npm test')).toContain('2 passed');
});
