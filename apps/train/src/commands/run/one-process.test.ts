/**
 * One process trains in a directory, and none goes on unseen; with real processes. Directories that cannot be
 * written.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMetrics } from '@transfusion/trainer';
import { beforeAll, expect, test } from 'vitest';
import { recipePath, runCommand } from '../../testing-internals/run-command.js';
import { runCli, type CliResult } from '../../testing-internals/run-cli.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfusion-one-'));
});

const stepsOf = async (run: string): Promise<number[]> =>
  (await readMetrics(join(run, 'metrics.jsonl'))).filter((line) => 'loss' in line).map(({ step }) => step);

test('a second process is refused; a killed launcher ends its process, which saves', async () => {
  const recipe = join(folder, 'long-steps.ts');
  await writeFile(
    recipe,
    `import { recipe as squares } from ${JSON.stringify(recipePath('squares.ts'))};
export const recipe = { ...squares, name: 'long-steps', batch: { ...squares.batch, microBatches: 50 } };`,
  );
  const args = ['train', recipe, '--directory', 'run', '--log-every', '1'];
  const run = join(folder, 'run');
  let second: Promise<CliResult> | undefined;
  let holder: { readonly pid: number } | undefined;
  const first = await runCli(folder, args, {
    watch: (stdout, launcher) => {
      if (second !== undefined || !stdout.includes('step 1/')) return;
      holder = JSON.parse(readFileSync(join(run, 'run.lock'), 'utf8')) as { pid: number };
      second = runCli(folder, args);
      void second.then(() => launcher.kill('SIGKILL'));
    },
  });
  // The output of the first ends with its last process.
  const refused = await second!;
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^error: run: process \d+ on .* has been training here since .*\n$/);
  expect(refused.stderr).toContain(`process ${holder!.pid} on ${hostname()}`);
  expect(first.code).toBe(137);
  expect(first.stdout).toContain('interrupted: finishing this step and saving');
  const [, last] = /^(\d+) of 10000 steps/m.exec(first.stdout)!;
  expect(existsSync(join(run, 'run.lock'))).toBe(false);

  const more = String(Number(last) + 2);
  const resumed = await runCommand('train', recipe, '--directory', run, '--steps', more);
  expect(resumed.join('\n')).toContain(`resuming after step ${last}`);
  expect(await stepsOf(run)).toEqual(Array.from({ length: Number(more) }, (_, i) => i + 1));
}, 90_000);

const train = (...options: string[]): Promise<string[]> =>
  runCommand('train', recipePath('squares.ts'), ...options);

// Root may write into any folder.
test.skipIf(process.getuid?.() === 0)('a read-only folder is refused in one line', async () => {
  const parent = join(folder, 'read-only');
  mkdirSync(parent);
  chmodSync(parent, 0o555);
  await expect(train('--directory', join(parent, 'run'))).rejects.toThrow(/could not be written: EACCES/);
});

test('a directory that cannot be made is refused in one line', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(train('--directory', join(folder, 'file', 'run'))).rejects.toThrow(
    /^.*could not be written: .*$/,
  );
});

test.runIf(existsSync('/dev/full'))(
  'a full disk loses nothing',
  async () => {
    const run = join(folder, 'full');
    await train('--directory', run, '--steps', '2');
    symlinkSync('/dev/full', join(run, 'metrics.jsonl.tmp'));
    await expect(train('--directory', run, '--steps', '4')).rejects.toThrow(
      /^.*metrics\.jsonl could not be written: ENOSPC.* The disk is full: free some space, .*$/,
    );
    expect(await readdir(join(run, 'checkpoints'))).toEqual(['step-00000002']);
    expect(await stepsOf(run)).toEqual([1, 2]);
    unlinkSync(join(run, 'metrics.jsonl.tmp'));
    await train('--directory', run, '--steps', '3');
    expect(await stepsOf(run)).toEqual([1, 2, 3]);
  },
  60_000,
);
