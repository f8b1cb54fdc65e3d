import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crashExperiment } from '../experiments/crash.js';
import { crashRun } from './crash-run.js';

test('a run that is killed goes on with the same losses, bit for bit', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'crash-run-'));
  try {
    const { kills, differingSteps } = await crashRun(directory, { kills: 6, totalSteps: 80, seed: 1 });
    expect(differingSteps).toEqual([]);
    expect(kills.inSteps + kills.inSave).toBe(6);
    expect(kills.inSave).toBeGreaterThan(0);
  } finally {
    await rm(directory, { recursive: true });
  }
}, 240_000);

test.each([
  ['all kills happened', 13, 7, 0, /^Every step of the run that was killed 20 times gave the same numbers/],
  ['the run ended too early', 4, 2, 0, /^Only 6 of 20 kills happened before the run ended/],
  ['no kill fell into a save', 20, 0, 0, /^No kill fell into a save/],
  ['steps differ', 4, 2, 3, /^3 steps differ\.$/],
])('the experiment’s conclusion when %s', (_, inSteps, inSave, differing, expected) => {
  const row = {
    'killed in steps': inSteps,
    'killed in saves': inSave,
    'steps repeated': 9,
    'steps differing': differing,
    steps: 200,
  };
  expect(crashExperiment.conclude([row])).toMatch(expected);
});
