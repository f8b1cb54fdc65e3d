import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { joinShards, type Evaluation, type Shard } from '@transfusion/evaluators';
import { evaluateModel, findCheckpoint, resultsPath, type EvaluatorRun } from '@transfusion/runs';
import type { Command } from 'commander';
import { loadRun, resolveRunFolder, type LoadRunOptions } from '../../load-run.js';
import { abortOnInterrupt } from '../run/interrupt.js';
import type { EvaluatedRun } from './evaluated-run.js';
import { findEvaluators, type EvaluatorOptions } from './find-evaluators.js';
import { formatEvaluations } from './format-evaluations.js';
import { htmlReport } from './html-report.js';

interface EvaluateOptions extends LoadRunOptions, EvaluatorOptions {
  readonly out: string;
  readonly limit?: number;
  readonly steps?: number;
  readonly guidance?: number;
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
  const { out, shard } = options;
  const labels = labelsOf(runs);
  // Before hours of evaluation.
  for (const run of runs) await findCheckpoint(await resolveRunFolder(run));
  const evaluators = await findEvaluators(runs, options);
  const interrupt = abortOnInterrupt(() => console.error('interrupted: results so far are kept'));
  try {
    const evaluated: EvaluatedRun[] = [];
    for (const [i, run] of runs.entries()) {
      const folder = join(out, labels[i]);
      const evaluations =
        options.join === undefined
          ? await evaluateRun(
              run,
              folder,
              withSettings(evaluators, options),
              options,
              command,
              interrupt.signal,
            )
          : await joinRun(folder, evaluators, options.join);
      evaluated.push({ label: labels[i], evaluations });
    }
    if (shard !== undefined) {
      console.log(
        `shard ${shard.index} of ${shard.count} is in ${out}; with all of them there: --join ${shard.count}`,
      );
      return;
    }
    const report = join(out, reportName(labels));
    await mkdir(out, { recursive: true });
    await writeFile(`${report}.json`, `${JSON.stringify(summaryOf(evaluated), undefined, 2)}\n`);
    await writeFile(`${report}.html`, await htmlReport(evaluated));
    if (options.json) return console.log(JSON.stringify(summaryOf(evaluated), undefined, 2));
    console.log(formatEvaluations(evaluated));
    console.log(`\nreport in ${report}.html`);
  } catch (error) {
    if (error !== interrupt.signal.reason) throw error;
    console.log('Stopped. Run the same command again to go on.');
    process.exitCode = interrupt.exitCode;
  } finally {
    interrupt.end();
  }
}

/** Returns evaluators with the settings of the command line, or else their own. */
function withSettings(
  evaluators: readonly EvaluatorRun[],
  { limit, steps, guidance }: EvaluateOptions,
): readonly EvaluatorRun[] {
  return evaluators.map(({ evaluator, limit: ownLimit, predictor }) => ({
    evaluator,
    limit: limit ?? ownLimit,
    predictor: {
      ...predictor,
      numInferenceSteps: steps ?? predictor?.numInferenceSteps ?? 50,
      guidanceScale: guidance ?? predictor?.guidanceScale ?? 3,
    },
  }));
}

async function evaluateRun(
  run: string,
  folder: string,
  evaluators: readonly EvaluatorRun[],
  options: EvaluateOptions,
  command: Command,
  signal: AbortSignal,
): Promise<Evaluation[]> {
  const loaded = await loadRun(run, options, command);
  try {
    const evaluations = evaluateModel(loaded, evaluators, {
      subject: `${run}, step ${loaded.step}`,
      folder,
      shard: options.shard,
      onExample: progressOf(basename(folder)),
      signal,
    });
    return await collect(evaluations);
  } finally {
    loaded.dispose();
  }
}

function joinRun(folder: string, evaluators: readonly EvaluatorRun[], count: number): Promise<Evaluation[]> {
  const shards = Array.from({ length: count }, (_, index) => ({ index, count }));
  return Promise.all(
    evaluators.map(({ evaluator }) =>
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

/** Returns names of runs in files and columns: their last part, with a number where an earlier one has it. */
function labelsOf(runs: readonly string[]): string[] {
  const labels: string[] = [];
  for (const run of runs) {
    const plain = basename(resolve(run));
    let label = plain;
    for (let number = 2; labels.includes(label); number++) label = `${plain}-${number}`;
    labels.push(label);
  }
  return labels;
}

/** Returns the name of a report, without extension, which file systems allow. */
function reportName(labels: readonly string[]): string {
  return labels.join('-and-').slice(0, 100);
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

/** Returns the metrics without the values of single examples, which are in the files of results. */
function summaryOf(evaluated: readonly EvaluatedRun[]) {
  return evaluated.map(({ label, evaluations }) => ({
    label,
    evaluations: evaluations.map(({ evaluator, subject, model, provenance, metrics }) => ({
      evaluator,
      subject,
      model,
      provenance,
      metrics: metrics.map(({ values: _, ...metric }) => metric),
    })),
  }));
}
