/** `pnpm bench <suite>`: measures a part of the project; the README says how. */
import { parseArgs } from 'node:util';
import { formatJson } from './format-json.js';
import { formatText } from './format-text.js';
import { describeMachine } from './machine.js';
import { missedFloors } from './report.js';
import { suites } from './suites.js';

interface CliOptions {
  readonly suite: string;
  readonly json: boolean;
  readonly quick: boolean;
}

/** Parses the arguments; a string says what is wrong with them. */
function parseOptions(args: string[]): CliOptions | string {
  try {
    const { positionals, values } = parseArgs({
      // pnpm hands on a separator that the caller typed.
      args: args.filter((arg) => arg !== '--'),
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
      },
    });
    const [suite = '', ...rest] = positionals;
    if (!Object.hasOwn(suites, suite)) return suite === '' ? 'which suite?' : `no suite '${suite}'`;
    return rest.length > 0 ? `one suite at a time, not also ${rest.join(', ')}` : { suite, ...values };
  } catch (error) {
    return (error as Error).message;
  }
}

function usage(): string {
  const names = Object.entries(suites).map(
    ([name, { description }]) => `  ${name.padEnd(10)} ${description}`,
  );
  return ['usage: pnpm bench <suite> [--json] [--quick]', ...names].join('\n');
}

async function run({ suite, json, quick }: CliOptions): Promise<void> {
  const machine = describeMachine();
  const started = performance.now();
  const progress = (what: string): void => void process.stderr.write(`${what} ...\n`);
  const groups = await suites[suite].run({ quick, progress });
  const seconds = (performance.now() - started) / 1000;
  const report = { suite, quick, machine, seconds, groups };
  process.stdout.write(`${json ? formatJson(report) : formatText(report)}\n`);
  process.exitCode = missedFloors(report).length === 0 ? 0 : 1;
}

const options = parseOptions(process.argv.slice(2));
if (typeof options === 'string') {
  process.stderr.write(`bench: ${options}\n${usage()}\n`);
  process.exitCode = 2;
} else {
  await run(options);
}
