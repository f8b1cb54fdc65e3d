/** Runs an evaluator: whole, in parts (shards), or on from where it stopped. */
import { appendFile } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/errors';
import { checkEvaluator } from './check-evaluator.js';
import type {
  EvaluatedExample,
  Evaluator,
  ExampleResult,
  Json,
  Metric,
  Provenance,
  ShownValue,
} from './evaluator.js';
import type { Predictors } from './predictors.js';
import {
  checkHeader,
  openResultsFile,
  readResultsFile,
  type ResultsHeader,
  type Shard,
  type StoredExample,
} from './results-file.js';

/** Options of {@link runEvaluator}. */
export interface RunEvaluatorOptions {
  /** Name of the model that is evaluated, with its step and the settings of generation. */
  readonly subject: string;
  /** File of results; an evaluation that was stopped goes on after its last one. By default nothing is written. */
  readonly path?: string;
  /** Part of the examples to evaluate; by default all. */
  readonly shard?: Shard;
  /** Number of examples, the first ones; defaults to all. */
  readonly limit?: number;
  /** Stores values to look at; what it returns is kept with the result. */
  show?(index: number, shown: readonly ShownValue[]): Promise<Json>;
  /** Called after each example, with the number of those done in this shard. */
  onExample?(done: number): void;
  /** Stops after the example at hand. */
  readonly signal?: AbortSignal;
}

/** Results of an evaluator, and their metrics. */
export interface Evaluation {
  readonly evaluator: string;
  readonly subject: string;
  readonly provenance: Provenance;
  /** Of all examples; none for one of several shards, see {@link joinShards}. */
  readonly metrics: readonly Metric[];
  readonly examples: readonly StoredExample[];
}

const WHOLE: Shard = { index: 0, count: 1 };

/**
 * Evaluates all examples, or those of a shard.
 *
 * @throws TransfusionError `invalid-argument` for options out of range, no examples, or too few; `invalid-plugin` if the
 *   evaluator breaks its contract; `mismatch` if the file holds another evaluation
 */
export async function runEvaluator(
  evaluator: Evaluator,
  predict: Partial<Predictors>,
  options: RunEvaluatorOptions,
): Promise<Evaluation> {
  checkEvaluator(evaluator, predict);
  const { subject, path, shard = WHOLE, limit } = options;
  checkParts(shard, limit);
  const { name, provenance } = evaluator;
  const header: ResultsHeader = { evaluator: name, subject, provenance, shard, limit: limit ?? null };
  const stored = path === undefined ? [] : await openResultsFile(path, header);
  const examples = [...stored];
  let numTaken = 0;
  async function* rest(): AsyncGenerator {
    let index = 0;
    for await (const example of evaluator.examples()) {
      if (limit !== undefined && index >= limit) break;
      if (index++ % shard.count !== shard.index) continue;
      if (numTaken++ < stored.length) continue;
      options.signal?.throwIfAborted();
      yield example;
    }
  }
  for await (const evaluated of evaluator.evaluate(predict as Predictors, rest())) {
    const index = shard.index + examples.length * shard.count;
    const example = await storedExample(name, index, evaluated, options.show);
    if (path !== undefined) await appendFile(path, `${JSON.stringify(example)}\n`);
    examples.push(example);
    options.onExample?.(examples.length);
  }
  if (examples.length !== numTaken) {
    throw brokenContract(
      name,
      `evaluate() yielded ${examples.length} results, expected ${numTaken}: one per example`,
    );
  }
  const metrics = shard.count === 1 ? await metricsOf(evaluator, examples) : [];
  return { evaluator: name, subject, provenance, metrics, examples };
}

/**
 * Joins the results of all shards of an evaluation.
 *
 * @param paths one file per shard, in any order
 * @throws TransfusionError `invalid-argument` if shards are missing, `mismatch` if files are of different evaluations, or
 *   not of this evaluator
 */
export async function joinShards(evaluator: Evaluator, paths: readonly string[]): Promise<Evaluation> {
  const files = await Promise.all(paths.map(readResultsFile));
  const { header } = files[0] ?? { header: undefined };
  const missing = Array.from({ length: header?.shard.count ?? 1 }, (_, i) => i).filter(
    (i) => !files.some((file) => file.header.shard.index === i),
  );
  if (header === undefined || missing.length > 0) {
    const found = files.map((file) => file.header.shard.index).join(', ') || 'none';
    throw new TransfusionError(
      'invalid-argument',
      `${evaluator.name}: found the shards ${found}, expected ${header?.shard.count ?? 1}, once each. Evaluate shard ${missing.join(', ')}.`,
    );
  }
  const { name, provenance } = evaluator;
  files.forEach((file, i) => {
    const shard = { index: file.header.shard.index, count: header.shard.count };
    checkHeader(paths[i], file.header, { ...header, evaluator: name, provenance, shard });
  });
  const examples = files.flatMap((file) => file.examples).sort((a, b) => a.index - b.index);
  const gap = examples.findIndex(({ index }, i) => index !== i);
  if (gap >= 0) {
    throw new TransfusionError(
      'invalid-argument',
      `${name}: the result of example ${gap} is missing, or there twice. Let each shard end, and pass each file once.`,
    );
  }
  const { subject } = header;
  return { evaluator: name, subject, provenance, metrics: await metricsOf(evaluator, examples), examples };
}

async function metricsOf(
  evaluator: Evaluator,
  examples: readonly StoredExample[],
): Promise<readonly Metric[]> {
  if (examples.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      `${evaluator.name}: found no examples, expected at least one.`,
    );
  }
  return evaluator.summarize(examples.map(({ result }) => result));
}

async function storedExample(
  name: string,
  index: number,
  { result, shown }: EvaluatedExample,
  show: RunEvaluatorOptions['show'],
): Promise<StoredExample> {
  const notJson = findNotJson(result);
  if (notJson !== undefined)
    throw brokenContract(name, `the result of example ${index} has ${notJson}, expected JSON`);
  if (shown === undefined || show === undefined) return { index, result };
  return { index, result, shown: await show(index, shown) };
}

/** Finds what would not survive a file: NaN would become null. */
function findNotJson(value: ExampleResult | Json, path = ''): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} = ${value}`;
  if (value === null || ['string', 'boolean'].includes(typeof value)) return undefined;
  if (typeof value !== 'object' || ArrayBuffer.isView(value))
    return `${path || 'a value'} of type ${typeof value}`;
  for (const [key, part] of Object.entries(value)) {
    const found = findNotJson(part as Json, path === '' ? key : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function checkParts({ index, count }: Shard, limit: number | undefined): void {
  const isCount = (value: number, min: number): boolean => Number.isSafeInteger(value) && value >= min;
  if (!isCount(count, 1) || !isCount(index, 0) || index >= count) {
    throw new TransfusionError(
      'invalid-argument',
      `runEvaluator: the shard is ${index} of ${count}, expected an index from 0 to below the count.`,
    );
  }
  if (limit !== undefined && !isCount(limit, 1)) {
    throw new TransfusionError(
      'invalid-argument',
      `runEvaluator: limit is ${limit}, expected a positive integer.`,
    );
  }
}

function brokenContract(name: string, problem: string): TransfusionError {
  return new TransfusionError('invalid-plugin', `evaluator '${name}': ${problem}.`);
}
