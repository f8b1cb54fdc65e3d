/** `npm run fuzz -- [--count N] [--seed N] [--from N] [--only FORMAT,FORMAT]`. */
import { parseArgs } from 'node:util';
import { runFormat } from './run-format.js';

const NAMES = ['tar', 'parquet', 'safetensors', 'tokenizer', 'autoencoder', 'jsonl', 'coco', 'csv', 'images'];

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '3000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    only: { type: 'string', default: NAMES.join(',') },
  },
});
const [count, seed, from] = [values.count, values.seed, values.from].map(Number);
const names = values.only.split(',');
const unknown = names.find((name) => !NAMES.includes(name));
if (unknown !== undefined || ![count, seed, from].every(Number.isSafeInteger)) {
  console.error(`Expected integers, and of --only some of ${NAMES.join(', ')}.`);
  process.exit(2);
}

let total = 0;
for (const name of names) {
  const start = performance.now();
  const { read, refused, findings } = await runFormat(name, seed, from, count);
  total += findings.length;
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${name}: ${read} read, ${refused} refused, ${findings.length} wrong (${seconds} s)`);
  for (const { index, problem } of findings.slice(0, 20)) {
    console.log(`  npm run fuzz -- --only ${name} --seed ${seed} --from ${index} --count 1\n    ${problem}`);
  }
}
process.exitCode = total === 0 ? 0 : 1;
