import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readImage } from '@transfusion/modality-image';
import { readMetrics } from '@transfusion/trainer';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCli, type CliResult } from './testing-internals/run-cli.js';

const TIMEOUT = 60_000;

/** A folder outside the workspace, with a recipe in it. */
let folder: string;
const cli = (...args: string[]): Promise<CliResult> => runCli(folder, args);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfusion-cli-'));
  const recipe = await readFile(new URL('testing-internals/squares.ts', import.meta.url), 'utf8');
  await writeFile(join(folder, 'squares.ts'), recipe);
  const broken = recipe
    .replace("'squares',\n  modalities", "'broken',\n  modalities")
    .replace('learningRate: 1e-2', "learningRate: 'fast' as unknown as number");
  await writeFile(join(folder, 'broken.ts'), broken);
});

async function lossesOf(run: string): Promise<readonly number[]> {
  const lines = await readMetrics(join(folder, run, 'metrics.jsonl'));
  return lines.filter((line) => 'loss' in line).map(({ loss }) => loss);
}

test('trains, stops, goes on with the same losses, samples, captions and inspects', async () => {
  const [whole] = await Promise.all([
    cli('train', 'squares.ts', '--steps', '4', '--log-every', '2'),
    cli('train', 'squares.ts', '--steps', '2', '--directory', 'parts'),
  ]);
  expect(whole.stderr).toBe('');
  expect(whole.code).toBe(0);
  expect(whole.stdout).toMatch(/^step 2\/4 {2}loss \d/m);
  expect(whole.stdout).toContain('4 of 4 steps');
  expect(whole.stdout).not.toContain('resuming');

  const resumed = await cli('train', 'squares.ts', '--steps', '4', '--directory', 'parts');
  expect(resumed.stdout).toContain('resuming after step 2');
  expect(await lossesOf('parts')).toEqual(await lossesOf('runs/squares'));
  expect(await lossesOf('parts')).toHaveLength(4);

  const sampled = await cli('sample', 'parts', 'red', '--count', '3', '--steps', '2', '--out', 'red.png');
  expect(sampled).toMatchObject({ code: 0, stdout: 'red.png\n', stderr: '' });
  expect(await readImage(join(folder, 'red.png'))).toMatchObject({ width: 18, height: 18 });

  const [captioned, inspected] = await Promise.all([
    cli('caption', 'runs/squares', 'red.png', 'red.png', '--tokens', '3'),
    cli('inspect', 'parts', '--json'),
  ]);
  expect(captioned).toMatchObject({ code: 0, stderr: '' });
  expect(captioned.stdout).toMatch(/^red\.png: .*\nred\.png: .*\n$/);

  expect(JSON.parse(inspected.stdout)).toMatchObject({
    recipe: 'squares',
    parameters: { tokenEmbedding: 260 * 16 },
    checkpoint: { step: 4, path: 'parts/checkpoints/step-00000004' },
  });
}, 90_000);

test(
  'Ctrl-C finishes the step, saves, and says how to go on',
  async () => {
    let sent = false;
    const result = await runCli(
      folder,
      ['train', 'squares.ts', '--directory', 'stopped', '--log-every', '1'],
      (stdout, child) => {
        if (sent || !stdout.includes('step 2/')) return;
        sent = true;
        child.kill('SIGINT');
      },
    );
    expect(result.code).toBe(130);
    expect(result.stdout).toContain('interrupted: finishing this step and saving');
    expect(result.stdout).toContain('Give the same command again to go on.');
    const [, step] = /^(\d+) of 10000 steps/m.exec(result.stdout)!;
    const [checkpoint] = await readdir(join(folder, 'stopped', 'checkpoints'));
    expect(Number(checkpoint.replace('step-', ''))).toBe(Number(step));
    expect(JSON.parse(await readFile(join(folder, 'stopped', 'run.json'), 'utf8'))).toEqual({
      recipe: join('..', 'squares.ts'),
    });
  },
  TIMEOUT,
);

describe('a mistake is one message and exit code 1', () => {
  const cases: readonly (readonly [string, readonly string[], string | RegExp])[] = [
    ['a missing run', ['sample', 'nowhere', 'red'], /^error: nowhere: there is no checkpoint\. .*\n$/],
    [
      'a broken recipe file',
      ['train', 'broken.ts'],
      /^error: recipe 'broken': optimizer\.learningRate is "fast", expected a positive number\.\n$/,
    ],
    ['an unknown command', ['trian', 'x'], "error: unknown command 'trian'\n(Did you mean train?)"],
  ];
  test.concurrent.each(cases)(
    '%s',
    async (_, args, message) => {
      const { code, stderr, stdout } = await cli(...args);
      expect(code).toBe(1);
      expect(stdout).toBe('');
      if (typeof message === 'string') expect(stderr).toContain(message);
      else expect(stderr).toMatch(message);
    },
    TIMEOUT,
  );
});
