/** Reads damaged files of one format: `worker.ts FORMAT SEED FROM COUNT`; reports over IPC before and after each. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { FORMATS, prepareFolder } from './formats.js';
import { problemOf } from './problem-of.js';
import { Random } from './random.js';

/** Report of the worker. */
export type Report =
  | { readonly index: number; readonly started: true }
  | { readonly index: number; readonly problem?: string; readonly isRefused: boolean };

const [name, seed, from, count] = process.argv.slice(2);
const format = FORMATS.find((candidate) => candidate.name === name)!;
const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const abandoned = (): void => process.exit(1);
process.on('disconnect', abandoned);
const send = (report: Report): void => void process.send!(report);

tf.env().set('IS_TEST', true);
await tf.setBackend('cpu');
prepareFolder(folder);
for (let index = Number(from); index < Number(from) + Number(count); index++) {
  const random = new Random(Number(seed) * 1_000_003 + index);
  const bytes = await format.make(random);
  send({ index, started: true });
  const path = join(folder, `damaged${format.extension}`);
  if (format.extension !== '') writeFileSync(path, bytes);
  let errors: readonly unknown[];
  try {
    errors = await format.read(path, bytes);
  } catch (error) {
    errors = [error];
  }
  const problem = errors.map(problemOf).find((found) => found !== undefined);
  send({ index, problem, isRefused: errors.length > 0 });
}
process.off('disconnect', abandoned);
process.disconnect();
