/** A run that is killed at random moments, in a save too, against one that is not. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crashRun } from '../crash/crash-run.js';
import type { Experiment, ExperimentRow } from '../experiment.js';

const KILLS = 20;
const STEPS = 200;

export const crashExperiment: Experiment = {
  description: `a run killed ${KILLS} times against one left alone`,
  columns: ['killed in steps', 'killed in saves', 'steps repeated', 'steps differing', 'steps'],
  async *run(): AsyncGenerator<ExperimentRow> {
    const directory = await mkdtemp(join(tmpdir(), 'crash-'));
    try {
      const report = await crashRun(directory, { kills: KILLS, totalSteps: STEPS, seed: 1 });
      yield {
        'killed in steps': report.kills.inSteps,
        'killed in saves': report.kills.inSave,
        'steps repeated': report.repeatedSteps,
        'steps differing': report.differingSteps.length,
        steps: report.totalSteps,
      };
    } finally {
      await rm(directory, { recursive: true });
    }
  },
  conclude: ([row]) => {
    const kills = Number(row['killed in steps']) + Number(row['killed in saves']);
    if (row['steps differing'] !== 0) return `${row['steps differing']} steps differ.`;
    if (kills < KILLS) {
      return `Only ${kills} of ${KILLS} kills happened before the run ended; no step differs so far. Give it more steps.`;
    }
    if (row['killed in saves'] === 0)
      return 'No kill fell into a save; no step differs so far. Run it again.';
    return `Every step of the run that was killed ${KILLS} times gave the same numbers, bit for bit.`;
  },
};
