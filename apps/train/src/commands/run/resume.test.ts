/** `--resume-from`: an earlier checkpoint of the run instead of the newest. */
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMetrics } from '@transfusion/trainer';
import { beforeAll, expect, test } from 'vitest';
import { recipePath, runCommand } from '../../testing-internals/run-command.js';

let run: string;
const checkpoint = (step: number): string => join(run, 'checkpoints', `step-0000000${step}`);
const train = (...options: string[]): Promise<string[]> =>
  runCommand('train', recipePath('squares.ts'), '--directory', run, ...options);
const losses = async (): Promise<number[]> =>
  (await readMetrics(join(run, 'metrics.jsonl'))).filter((line) => 'loss' in line).map(({ loss }) => loss);

beforeAll(async () => {
  run = join(await mkdtemp(join(tmpdir(), 'transfusion-resume-')), 'run');
  for (const steps of ['1', '2', '3']) await train('--steps', steps);
}, 60_000);

test('a damaged checkpoint is refused with the one before it, which is resumed from on request', async () => {
  const whole = await losses();
  await writeFile(join(checkpoint(3), 'model.safetensors'), 'damage');
  await expect(train('--steps', '4')).rejects.toThrow(/model\.safetensors.*step-00000002/s);
  const lines = await train('--steps', '3', '--resume-from', checkpoint(2));
  expect(lines.join('\n')).toContain('resuming after step 2');
  expect(await losses()).toEqual(whole);
  expect(await readdir(join(run, 'checkpoints'))).toContain('step-00000003');
});

test('refuses a checkpoint of a different run', async () => {
  await expect(train('--steps', '4', '--resume-from', join(run, 'elsewhere'))).rejects.toThrow('elsewhere');
});
