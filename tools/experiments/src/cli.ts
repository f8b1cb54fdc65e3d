/** `pnpm experiments <name> [options] [--json]`: trains, prints a table as it fills, and what it says. */
import { selectEngine } from '@transfusion/engine';
import { parseCommand, usage } from './command-line.js';
import type { Experiment, ExperimentRow } from './experiment.js';
import { adaptersExperiment } from './experiments/adapters.js';
import { crashExperiment } from './experiments/crash.js';
import { emojiScoresExperiment } from './experiments/emoji-scores.js';
import { judgeExperiment } from './experiments/judge.js';
import { maskExperiment } from './experiments/mask.js';

const experiments: Readonly<Record<string, Experiment>> = {
  mask: maskExperiment,
  crash: crashExperiment,
  judge: judgeExperiment,
  'emoji-scores': emojiScoresExperiment,
  adapters: adaptersExperiment,
};

const WIDTH = 15;

function line(cells: readonly (string | number)[]): string {
  return cells
    .map((cell) => String(cell).padEnd(WIDTH))
    .join(' ')
    .trimEnd();
}

const command = parseCommand(process.argv.slice(2), experiments);
if (typeof command === 'string') {
  process.stderr.write(`experiments: ${command}\n${usage(experiments)}\n`);
  process.exitCode = 2;
} else {
  const { experiment, name, values, json } = command;
  const { columns, run, conclude } = experiment;
  await selectEngine('onnxruntime');
  const rows: ExperimentRow[] = [];
  if (!json) console.log(line(columns));
  for await (const row of run(values)) {
    rows.push(row);
    if (!json) console.log(line(columns.map((column) => row[column])));
  }
  const conclusion = conclude(rows);
  console.log(json ? JSON.stringify({ experiment: name, rows, conclusion }) : `\n${conclusion}`);
}
