import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { joinShards, type Evaluation, type Evaluator, type Shard } from '@transfusion/evaluators';
import { evaluateModel, resultsPath } from '@transfusion/runs';
import type { Command } from 'commander';
import { loadRun, type LoadRunOptions } from '../../load-run.js';
import { abortOnInterrupt } from '../run/interrupt.js';
import type { EvaluatedRun } from './evaluated-run.js';
import { findEvaluators, type EvaluatorOptions } from './find-evaluators.js';
import { formatEvaluations } from './format-evaluations.js';
import { htmlReport } from './html-report.js';

interface EvaluateOptions extends LoadRunOptions, EvaluatorOptions {
  readonly out?: string;
  readonly limit?: number;
  readonly steps: number;
  readonly guidance: number;
  readonly shard?: Shard;
  readonly join?: number;
  readonly json?: true;
}

/** Runs `transfusion evaluate`. */
export async function evaluateAction(
  runs: readonly string[],
  options: EvaluateOptions,
  command: Command,
): Promise<void> {
  const evaluators = await findEvaluators(runs[0], options);
  const labels = labelsOf(runs);
  const { out = join('evaluations', labels.join('-and-')) } = options;
  const interrupt = abortOnInterrupt(() => console.error('interrupted: results so far are kept'));
  try {
    const evaluated: EvaluatedRun[] = [];
    for (const [i, run] of runs.entries()) {
      const folder = join(out, labels[i]);
      const evaluations =
        options.join === undefined
          ? await evaluateRun(run, folder, evaluators, options, command, interrupt.signal)
          : await joinRun(folder, evaluators, options.join);
      evaluated.push({ label: labels[i], evaluations });
    }
    if (options.shard !== undefined) {
      const { index, count } = options.shard;
      console.log(`shard ${index} of ${count} is in ${out}; with all of them there: --join ${count}`);
      return;
    }
    await writeReport(out, evaluated);
    console.log(
      options.json ? JSON.stringify(summaryOf(evaluated), undefined, 2) : formatEvaluations(evaluated),
    );
    if (!options.json) console.log(`\nreport in ${join(out, 'evaluation.html')}`);
  } catch (error) {
    if (error !== interrupt.signal.reason) throw error;
    console.log('Stopped. Run the same command again to go on.');
    process.exitCode = interrupt.exitCode;
  } finally {
    interrupt.end();
  }
}

async function evaluateRun(
  run: string,
  folder: string,
  evaluators: readonly Evaluator[],
  options: EvaluateOptions,
  command: Command,
  signal: AbortSignal,
): Promise<Evaluation[]> {
  const loaded = await loadRun(run, options, command);
  try {
    const { limit, shard, steps: numInferenceSteps, guidance: guidanceScale } = options;
    const evaluations = evaluateModel(loaded, evaluators, {
      subject: `${run}, step ${loaded.step}`,
      folder,
      predictor: { numInferenceSteps, guidanceScale },
      shard,
      limit,
      onExample: progressOf(basename(folder)),
      signal,
    });
    return await collect(evaluations);
  } finally {
    loaded.dispose();
  }
}

function joinRun(folder: string, evaluators: readonly Evaluator[], count: number): Promise<Evaluation[]> {
  const shards = Array.from({ length: count }, (_, index) => ({ index, count }));
  return Promise.all(
    evaluators.map((evaluator) =>
      joinShards(
        evaluator,
        shards.map((shard) => resultsPath(folder, evaluator.name, shard)),
      ),
    ),
  );
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}

/** Names of runs in files and columns: their last part, with a number where several have the same. */
function labelsOf(runs: readonly string[]): string[] {
  const plain = runs.map((run) => basename(resolve(run)));
  return plain.map((label, i) => {
    const earlier = plain.slice(0, i).filter((other) => other === label).length;
    return earlier === 0 ? label : `${label}-${earlier + 1}`;
  });
}

/** Reports progress on stderr, at most every two seconds. */
function progressOf(label: string): (evaluator: string, done: number) => void {
  let last = performance.now();
  return (evaluator, done) => {
    if (performance.now() - last < 2000) return;
    last = performance.now();
    console.error(`${label}: ${evaluator}, ${done} examples`);
  };
}

async function writeReport(out: string, evaluated: readonly EvaluatedRun[]): Promise<void> {
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'evaluation.json'), `${JSON.stringify(summaryOf(evaluated), undefined, 2)}\n`);
  await writeFile(join(out, 'evaluation.html'), await htmlReport(evaluated));
}

/** Returns the metrics without the values of single examples, which are in the files of results. */
function summaryOf(evaluated: readonly EvaluatedRun[]) {
  return evaluated.map(({ label, evaluations }) => ({
    label,
    evaluations: evaluations.map(({ evaluator, subject, provenance, metrics }) => ({
      evaluator,
      subject,
      provenance,
      metrics: metrics.map(({ values: _, ...metric }) => metric),
    })),
  }));
}
