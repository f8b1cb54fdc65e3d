/** `pnpm experiments <name> [--json]`: trains, prints a table as it fills, and what it says. */
import { parseArgs } from 'node:util';
import { selectEngine } from '@transfusion/tfjs-backend-onnxruntime';
import type { Experiment, ExperimentRow } from './experiment.js';
import { crashExperiment } from './experiments/crash.js';
import { maskExperiment } from './experiments/mask.js';

const experiments: Readonly<Record<string, Experiment>> = {
  mask: maskExperiment,
  crash: crashExperiment,
};

const WIDTH = 15;

function usage(): string {
  const lines = Object.entries(experiments).map(
    ([name, { description }]) => `  ${name.padEnd(10)} ${description}`,
  );
  return ['usage: pnpm experiments <name> [--json]', ...lines].join('\n');
}

function line(cells: readonly (string | number)[]): string {
  return cells
    .map((cell) => String(cell).padEnd(WIDTH))
    .join(' ')
    .trimEnd();
}

/** The experiment that the arguments name; a string says what is wrong with them. */
function parseOptions(args: string[]): { name: string; json: boolean } | string {
  try {
    const { positionals, values } = parseArgs({
      // pnpm hands on a separator that the caller typed.
      args: args.filter((arg) => arg !== '--'),
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    const [name = '', ...rest] = positionals;
    if (!Object.hasOwn(experiments, name))
      return name === '' ? 'which experiment?' : `no experiment '${name}'`;
    return rest.length > 0 ? `one experiment at a time, not also ${rest.join(', ')}` : { name, ...values };
  } catch (error) {
    return (error as Error).message;
  }
}

const options = parseOptions(process.argv.slice(2));
if (typeof options === 'string') {
  process.stderr.write(`experiments: ${options}\n${usage()}\n`);
  process.exitCode = 2;
} else {
  const { columns, run, conclude } = experiments[options.name];
  await selectEngine('onnxruntime');
  const rows: ExperimentRow[] = [];
  if (!options.json) console.log(line(columns));
  for await (const row of run()) {
    rows.push(row);
    if (!options.json) console.log(line(columns.map((column) => row[column])));
  }
  const conclusion = conclude(rows);
  console.log(
    options.json ? JSON.stringify({ experiment: options.name, rows, conclusion }) : `\n${conclusion}`,
  );
}
