import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crashRun } from './crash-run.js';

test('a run that is killed goes on with the same losses, bit for bit', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'crash-run-'));
  try {
    const report = await crashRun(directory, { kills: 4, totalSteps: 60, seed: 1 });
    expect(report.differingSteps).toEqual([]);
    expect(report.kills.inSave).toBeGreaterThan(0);
  } finally {
    await rm(directory, { recursive: true });
  }
}, 240_000);
