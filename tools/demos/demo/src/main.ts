/** `npm run demo`: see the README. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { silence, standardOutput } from '@transfusion/terminal';
import { runDemo } from './demo.js';
import { fullSettings, quickSettings } from './settings.js';

const OUT = fileURLToPath(new URL('../../../../demo-out', import.meta.url));

interface Options {
  readonly json: boolean;
  readonly quick: boolean;
  readonly seed: number;
}

/** Parses the arguments; returns a message if they are invalid. */
function parseOptions(args: readonly string[]): Options | string {
  try {
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
    if (!Number.isSafeInteger(seed) || seed < 0)
      return `--seed ${values.seed}: expected a non-negative integer`;
    return { json: values.json, quick: values.quick, seed };
  } catch (error) {
    return (error as Error).message;
  }
}

const options = parseOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(`demo: ${options}\nusage: npm run demo -- [--quick] [--seed N] [--json]`);
  process.exitCode = 2;
} else {
  const settings = options.quick ? quickSettings(options.seed) : fullSettings(options.seed);
  const figures = await runDemo(options.json ? silence() : standardOutput(), settings, OUT);
  if (options.json) console.log(JSON.stringify(figures, undefined, 2));
}
