/** A modality that the command line has never heard of, from training to files. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { curve } from './curve-modality.js';

const launcher = fileURLToPath(new URL('../../../../apps/train/bin/transfusion.mjs', import.meta.url));
const recipe = fileURLToPath(new URL('curves.ts', import.meta.url));

test(
  'curves are trained, sampled into files, captioned and checked by the command line',
  { timeout: 180_000 },
  async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'transfusion-curves-'));
    const transfusion = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)(process.execPath, [launcher, ...args], { cwd })).stdout;

    await transfusion('train', recipe, '--steps', '3', '--directory', 'run');
    expect(await readdir(join(cwd, 'run/samples'))).toContain('step-00000003.curve-4.csv');

    const sampling = ['sample', 'run', 'wave', '--recipe', recipe, '--steps', '2', '--count', '2'];
    expect(await transfusion(...sampling, '--out', 'waves/wave')).toBe(
      'waves/wave-1.csv\nwaves/wave-2.csv\n',
    );
    const [first, second] = await Promise.all(
      ['wave-1.csv', 'wave-2.csv'].map(async (file) =>
        curve().media!.decode(await readFile(join(cwd, 'waves', file))),
      ),
    );
    expect(first).toHaveLength(64);
    expect(second).not.toEqual(first);

    const captioning = ['caption', 'run', 'waves/wave-1.csv', '--recipe', recipe, '--tokens', '4'];
    expect(await transfusion(...captioning)).toMatch(/^waves\/wave-1\.csv: .*\n$/);

    expect(await transfusion('data', 'check', recipe)).toContain(
      'curves: 4 documents (4 text, 4 curve), 0 records cannot be used',
    );
    await expect(transfusion('sample', 'run', 'wave')).rejects.toThrow(
      'Open the run with its recipe (--recipe)',
    );
  },
);
