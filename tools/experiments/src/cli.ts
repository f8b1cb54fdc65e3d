/** `pnpm experiments <name> [options] [--json]`: trains, prints a table as it fills, and a conclusion. */
import { selectEngine } from '@transfusion/engine';
import { parseCommand, usage } from './command-line.js';
import type { Experiment, ExperimentRow } from './experiment.js';
import { adaptersExperiment } from './experiments/adapters.js';
import { crashExperiment } from './experiments/crash.js';
import { emojiScoresExperiment } from './experiments/emoji-scores.js';
import { extendExperiment } from './experiments/extend.js';
import { genevalExperiment } from './experiments/geneval.js';
import { judgeExperiment } from './experiments/judge.js';
import { maskExperiment } from './experiments/mask.js';
import { precisionsExperiment } from './experiments/precisions.js';

const experiments: Readonly<Record<string, Experiment>> = {
  mask: maskExperiment,
  crash: crashExperiment,
  judge: judgeExperiment,
  'emoji-scores': emojiScoresExperiment,
  precisions: precisionsExperiment,
  adapters: adaptersExperiment,
  extend: extendExperiment,
  geneval: genevalExperiment,
};

const MIN_WIDTH = 15;

/** Formats a row of the table; each cell is as wide as its column's name, or wider. */
function line(cells: readonly (string | number)[], columns: readonly string[]): string {
  return cells
    .map((cell, i) => String(cell).padEnd(Math.max(MIN_WIDTH, columns[i].length)))
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
  if (!json) console.log(line(columns, columns));
  for await (const row of run(values)) {
    rows.push(row);
    if (!json) {
      const cells = columns.map((column) => row[column]);
      console.log(line(cells, columns));
    }
  }
  const conclusion = conclude(rows);
  console.log(json ? JSON.stringify({ experiment: name, rows, conclusion }) : `\n${conclusion}`);
}
