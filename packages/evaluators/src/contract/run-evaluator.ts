/** Runs an evaluator: whole, in parts (shards), or on from where it stopped. */
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
  END_LINE,
  openResultsFile,
  readResultsFile,
  type OpenResults,
  type ResultsHeader,
  type Shard,
  type StoredExample,
} from './results-file.js';

/** Options of {@link runEvaluator}. */
export interface RunEvaluatorOptions {
  /** Name of the model that is evaluated, for people: `runs/emoji, step 4500`. */
  readonly subject: string;
  /**
   * Everything that results depend on, such as a hash of the model's weights and the settings of generation: a file goes on
   * only with the same. Defaults to `subject`.
   */
  readonly model?: string;
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
  /** Stops after the result at hand. Examples that were taken for a batch, and have no result yet, are taken again later. */
  readonly signal?: AbortSignal;
}

/** Results of an evaluator, and their metrics. */
export interface Evaluation {
  readonly evaluator: string;
  readonly subject: string;
  /** Everything that results depend on; see {@link RunEvaluatorOptions}. */
  readonly model: string;
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
  const { subject, model = subject, path, shard = WHOLE, limit } = options;
  checkParts(shard, limit);
  const { name, provenance } = evaluator;
  const header: ResultsHeader = { evaluator: name, subject, model, provenance, shard, limit: limit ?? null };
  const stored = path === undefined ? undefined : await openResultsFile(path, header);
  const examples = [...(stored?.examples ?? [])];
  if (stored?.isComplete !== true) await evaluateRest(evaluator, predict, options, examples, stored);
  const metrics = shard.count === 1 ? await metricsOf(evaluator, examples) : [];
  return { evaluator: name, subject, model, provenance, metrics, examples };
}

/** Evaluates the examples that have no result yet, and adds the results to `examples` and to the file. */
async function evaluateRest(
  evaluator: Evaluator,
  predict: Partial<Predictors>,
  { shard = WHOLE, limit = Infinity, show, onExample, signal }: RunEvaluatorOptions,
  examples: StoredExample[],
  file: OpenResults | undefined,
): Promise<void> {
  const { name } = evaluator;
  const numStored = examples.length;
  let numTaken = 0;
  async function* rest(): AsyncGenerator {
    let index = 0;
    for await (const example of evaluator.examples()) {
      signal?.throwIfAborted();
      if (index++ % shard.count === shard.index && numTaken++ >= numStored) yield example;
      if (index >= limit) return;
    }
  }
  for await (const evaluated of evaluator.evaluate(predict as Predictors, rest())) {
    if (examples.length >= numTaken) throw await wrongCount(`${examples.length + 1} or more`);
    const example = await storedExample(name, shard.index + examples.length * shard.count, evaluated, show);
    await file?.append(`${JSON.stringify(example)}\n`);
    examples.push(example);
    onExample?.(examples.length);
    signal?.throwIfAborted();
  }
  if (examples.length !== numTaken) throw await wrongCount(String(examples.length));
  await file?.append(END_LINE);

  /** Results may be those of other examples: the file gets back what it had. */
  async function wrongCount(found: string): Promise<TransfusionError> {
    await file?.revert();
    return brokenContract(
      name,
      numTaken < numStored
        ? `examples() yielded ${numTaken} examples, expected at least the ${numStored} whose results are in the file`
        : `evaluate() yielded ${found} results of ${numTaken} examples, expected one for each, in order`,
    );
  }
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
  const unfinished = files.findIndex(({ isComplete }) => !isComplete);
  if (unfinished >= 0) {
    throw new TransfusionError(
      'invalid-argument',
      `${paths[unfinished]}: has ${files[unfinished].examples.length} results and no end, expected those of all its examples. Evaluate its shard to the end.`,
    );
  }
  const examples = files.flatMap((file) => file.examples).sort((a, b) => a.index - b.index);
  const gap = examples.findIndex(({ index }, i) => index !== i);
  if (gap >= 0) {
    throw new TransfusionError(
      'invalid-argument',
      `${name}: the result of example ${gap} is missing, or there twice. Pass each file once.`,
    );
  }
  const { subject, model } = header;
  return {
    evaluator: name,
    subject,
    model,
    provenance,
    metrics: await metricsOf(evaluator, examples),
    examples,
  };
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
  try {
    return await evaluator.summarize(examples.map(({ result }) => result));
  } catch (cause) {
    if (!TransfusionError.isInstance(cause)) throw cause;
    throw new TransfusionError(
      cause.code,
      `evaluator '${evaluator.name}', of ${examples.length} examples: ${cause.message}`,
      { cause },
    );
  }
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
  if (shown === undefined || show === undefined) return written({ index, result });
  return written({ index, result, shown: await show(index, shown) });
}

/** Returns an example as a file holds it: without undefined fields and negative zeros. */
function written(example: StoredExample): StoredExample {
  return JSON.parse(JSON.stringify(example)) as StoredExample;
}

/** Finds what would not survive a file: NaN would become null. */
function findNotJson(value: ExampleResult | Json, path = ''): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} = ${value}`;
  if (value === null || ['string', 'boolean'].includes(typeof value)) return undefined;
  const prototype: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== Object.prototype && prototype !== Array.prototype) {
    return `${path || 'a value'} of type ${typeof value === 'object' ? value.constructor.name : typeof value}`;
  }
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
