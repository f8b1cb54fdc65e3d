/** `npm run demo`: see the README. */
import { parseArgs } from 'node:util';
import { silence, standardOutput } from '@transfusion/terminal';
import { runDemo } from './demo.js';
import { fullSettings, quickSettings, type DemoSettings } from './settings.js';

interface Options {
  readonly json: boolean;
  readonly settings: DemoSettings;
}

function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    // pnpm hands on a separator that the caller typed.
    args: args.filter((arg) => arg !== '--'),
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
    },
  });
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed ${values.seed}: expected an integer`);
  return { json: values.json, settings: values.quick ? quickSettings(seed) : fullSettings(seed) };
}

async function main({ json, settings }: Options): Promise<void> {
  const figures = await runDemo(json ? silence() : standardOutput(), settings);
  if (json) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
}

function optionsOrExit(): Options {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`demo: ${(error as Error).message}`);
    process.exit(1);
  }
}

try {
  await main(optionsOrExit());
} catch (error) {
  // Not left to Node: the wasm backend's handler would print its minified source instead.
  console.error(error);
  process.exitCode = 1;
}
