import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCli, signalGroup, type CliResult, type RunCliOptions } from '../../testing-internals/run-cli.js';

const TIMEOUT = 60_000;
const root = fileURLToPath(new URL('../../../../..', import.meta.url));

/** A folder outside the workspace, with recipes in it. */
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfusion-interrupt-'));
  await copyFile(new URL('../../testing-internals/squares.ts', import.meta.url), join(folder, 'squares.ts'));
  // A step takes long enough for whoever does not wait for it to be gone before it is saved.
  await writeFile(
    join(folder, 'long-steps.ts'),
    `import { recipe as squares } from './squares.ts';
export const recipe = { ...squares, name: 'long-steps', batch: { ...squares.batch, microBatches: 50 } };`,
  );
  // Its data is prepared for as long as nobody ends it.
  await writeFile(
    join(folder, 'long-preparation.ts'),
    `import { setTimeout as sleep } from 'node:timers/promises';
import { recipe as squares } from './squares.ts';
const prepare = async ({ onProgress, signal }) => {
  console.log('it begins');
  for (let done = 1; ; done++) {
    await sleep(50);
    onProgress('squares', done, 10_000);
    signal.throwIfAborted();
  }
};
export const recipe = { ...squares, name: 'long-preparation', sources: prepare };`,
  );
  // Its data takes a minute in which nothing else happens in the process, as in a long computation.
  await writeFile(
    join(folder, 'stuck.ts'),
    `import { recipe as squares } from './squares.ts';
const wait = () => {
  console.log('stuck');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
};
const stuck = ({ source }) => ({ source: { ...source, read: async () => wait() } });
export const recipe = { ...squares, name: 'stuck', sources: async () => (await squares.sources()).map(stuck) };`,
  );
});

/** Trains, and acts on the process once its output contains a string. */
async function train(
  recipe: string,
  directory: string,
  text: string,
  act: (child: ChildProcess) => void | Promise<void>,
  starter?: RunCliOptions['starter'],
): Promise<CliResult & { readonly saved: readonly string[] }> {
  const checkpoints = join(folder, directory, 'checkpoints');
  let acted = false;
  let saved: readonly string[] = [];
  const result = await runCli(
    // The root's script runs there.
    starter === undefined ? folder : root,
    ['train', join(folder, recipe), '--directory', join(folder, directory), '--log-every', '1'],
    {
      starter,
      watch: (stdout, child) => {
        if (acted || !stdout.includes(text)) return;
        acted = true;
        void act(child);
      },
      onExit: () => {
        if (existsSync(checkpoints)) saved = readdirSync(checkpoints);
      },
    },
  );
  return { ...result, saved };
}

const ctrlC = (child: ChildProcess): void => signalGroup(child, 'SIGINT');

describe('a request to stop finishes the step, saves, and says how to go on', () => {
  const cases: readonly [
    what: string,
    code: number,
    act: (child: ChildProcess) => void | Promise<void>,
    starter?: RunCliOptions['starter'],
  ][] = [
    ['Ctrl-C', 130, ctrlC],
    ["Ctrl-C through the README's command", 130, ctrlC, ['npm', 'run', '--silent', 'transfusion', '--']],
    ['SIGINT to the launcher alone', 130, (child) => void child.kill('SIGINT')],
    ['SIGTERM to the launcher alone', 143, (child) => void child.kill('SIGTERM')],
    ['SIGTERM to all processes', 143, (child) => signalGroup(child, 'SIGTERM')],
    [
      "Ctrl-C with pnpm's SIGTERM after it",
      130,
      async (child) => {
        ctrlC(child);
        await sleep(20);
        child.kill('SIGTERM');
      },
    ],
  ];

  test.each(cases)(
    '%s',
    async (what, code, act, starter) => {
      const directory = what.replaceAll(' ', '-');
      const { stdout, saved, ...result } = await train('long-steps.ts', directory, 'step 1/', act, starter);
      expect(result.code).toBe(code);
      expect(stdout.split('interrupted: finishing this step and saving')).toHaveLength(2);
      expect(stdout).toContain('Run the same command again to resume.');
      const [, step] = /^(\d+) of 10000 steps/m.exec(stdout)!;
      expect(saved).toEqual([`step-${step.padStart(8, '0')}`]);
      expect(JSON.parse(await readFile(join(folder, directory, 'run.json'), 'utf8'))).toEqual({
        recipe: join('..', 'long-steps.ts'),
      });
    },
    TIMEOUT,
  );
});

test(
  'a request to stop ends the preparation of data',
  async () => {
    const { code, stdout, stderr, saved } = await train('long-preparation.ts', 'prep', 'it begins', ctrlC);
    expect(code).toBe(130);
    expect(stdout).toContain('interrupted: stopping data preparation');
    expect(stdout).toContain('Stopped before the first step');
    expect(stdout).toContain('Run the same command again to resume.');
    expect(stderr).not.toContain('error');
    expect(saved).toEqual([]);
  },
  TIMEOUT,
);

test(
  'a second Ctrl-C ends the process at once, even in the middle of a long computation',
  async () => {
    let second = 0;
    const { code, saved } = await train('stuck.ts', 'stuck', 'stuck\n', async (child) => {
      ctrlC(child);
      await sleep(2000);
      second = performance.now();
      ctrlC(child);
    });
    expect(performance.now() - second).toBeLessThan(5000);
    expect(code).toBe(130);
    expect(saved).toEqual([]);
  },
  TIMEOUT,
);
