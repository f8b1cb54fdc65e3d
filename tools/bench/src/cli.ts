/** `pnpm bench <suite>`: measures a part of the project; the README says how. */
import { parseArgs } from 'node:util';
import { formatJson } from './format-json.js';
import { formatText } from './format-text.js';
import { describeMachine } from './machine.js';
import { missedFloors } from './report.js';
import { suites } from './suites.js';

const { positionals, values } = parseArgs({
  // pnpm hands on a separator that the caller typed.
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});

function usage(): string {
  const names = Object.entries(suites).map(
    ([name, { description }]) => `  ${name.padEnd(10)} ${description}`,
  );
  return ['usage: pnpm bench <suite> [--json] [--quick]', ...names].join('\n');
}

async function main(): Promise<void> {
  const [name = '', ...rest] = positionals;
  if (!Object.hasOwn(suites, name) || rest.length > 0) throw new Error(usage());
  const machine = describeMachine();
  const started = performance.now();
  const progress = (what: string): void => void process.stderr.write(`${what} ...\n`);
  const groups = await suites[name].run({ quick: values.quick, progress });
  const seconds = (performance.now() - started) / 1000;
  const report = { suite: name, quick: values.quick, machine, seconds, groups };
  process.stdout.write(`${values.json ? formatJson(report) : formatText(report)}\n`);
  process.exitCode = missedFloors(report).length === 0 ? 0 : 1;
}

await main();
