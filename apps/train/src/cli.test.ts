import { createHash } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelConfig } from '@transfusion/core';
import { readImage } from '@transfusion/modality-image';
import { readMetrics, type CheckpointInfo } from '@transfusion/trainer';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Inspection } from './commands/run/inspect-action.js';
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
    note: 'squares.ts',
    parameters: { tokenEmbedding: 260 * 16 },
    checkpoint: { step: 4, path: 'parts/checkpoints/step-00000004' },
  });
}, 90_000);

test(
  'inspect shows the token ids of the checkpoint, and reports where the recipe’s model differs',
  async () => {
    const trained = await cli('train', 'squares.ts', '--steps', '1', '--directory', 'grown');
    expect(trained.code).toBe(0);
    const file = join(folder, 'grown', 'checkpoints', 'step-00000001', 'checkpoint.json');
    const { sha256: _, ...info } = JSON.parse(await readFile(file, 'utf8')) as CheckpointInfo & {
      readonly sha256: string;
    };
    const model = info.model as ModelConfig;
    const store = (changed: object): Promise<void> => {
      const content = { ...info, model: { ...model, ...changed } };
      const sha256 = createHash('sha256').update(JSON.stringify(content)).digest('hex');
      return writeFile(file, JSON.stringify({ ...content, sha256 }));
    };

    // As if its image modality came first.
    await store({ vocabulary: model.vocabulary.toReversed() });
    const { stdout } = await cli('inspect', 'grown', '--json');
    const { vocabulary: shown } = JSON.parse(stdout) as Inspection;
    expect(shown.map(({ start, what }) => `${start} ${what}`)).toEqual([
      '0 image: end',
      '1 image: begin of 8x8x3',
      '2 end of document',
      '3 begin of document',
      '4 text: tokens',
    ]);

    await store({ transformer: { ...model.transformer, numLayers: 2 } });
    expect(await cli('inspect', 'grown', '--recipe', 'squares.ts')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        "has a different model than recipe 'squares': transformer.numLayers is 2 there, 1 here.",
      ) as string,
    });
  },
  TIMEOUT,
);

describe('a user error is one message and exit code 1', () => {
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
