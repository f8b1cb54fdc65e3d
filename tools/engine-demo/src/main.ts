/** `npm run demo`: see the README. */
import { parseArgs } from 'node:util';
import { runDemo } from './demo.js';
import { fullSettings, quickSettings } from './settings.js';
import { silence, standardOutput } from './terminal.js';

async function main(): Promise<void> {
  const { values } = parseArgs({
    // pnpm hands on a separator that the caller typed.
    args: process.argv.slice(2).filter((arg) => arg !== '--'),
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
    },
  });
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed ${values.seed}: expected an integer`);
  const settings = values.quick ? quickSettings(seed) : fullSettings(seed);
  const figures = await runDemo(values.json ? silence() : standardOutput(), settings);
  if (values.json) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
}

try {
  await main();
} catch (error) {
  // Not left to Node: the wasm backend's handler would print its minified source instead.
  console.error(error);
  process.exitCode = 1;
}
