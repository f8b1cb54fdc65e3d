/** Tasks of lm-evaluation-harness as evaluators. */
import { basename, extname } from 'node:path';
import { checkFields, TransfusionError } from '@transfusion/errors';
import type { Evaluator, Provenance } from '../contract/evaluator.js';
import { taskPath } from '../task-files.js';
import { multipleChoice, type ChoiceExample, type ChoiceResult } from '../text/multiple-choice.js';
import { perplexity, type PerplexityResult } from '../text/perplexity.js';
import { choiceTask } from './choice-task.js';
import { fewShotSampler, type FewShotSampler } from './few-shot.js';
import { choiceMetricsOf, readTaskConfig, type TaskConfig } from './task-config.js';
import { filesOf, hashFiles, readDocuments, type DataFiles } from './task-data.js';
import { compileTemplate, type TaskDocument } from './template.js';

/** Options of {@link lmEvalTask}. */
export interface LmEvalTaskOptions {
  /** The data's files, by the task's names of its parts: `{ validation: 'rows.jsonl' }`; JSON, JSONL or Parquet. */
  readonly dataFiles?: DataFiles;
  /** Examples before each question; by default the task's `num_fewshot`. */
  readonly numFewshot?: number;
}

const fields: Readonly<Record<keyof LmEvalTaskOptions, true>> = { dataFiles: true, numFewshot: true };

/** An evaluator of a task: multiple choice, or the perplexity of texts. */
export type LmEvalTask =
  | Evaluator<'logLikelihood', ChoiceExample, ChoiceResult>
  | Evaluator<'rollingLogLikelihood', string, PerplexityResult>;

/**
 * Opens a task of lm-evaluation-harness: a YAML file, or one of the tasks of this package by its name, such as `hellaswag`.
 * Evaluates the test part, or without one the validation part.
 *
 * @throws TransfusionError `not-found` if there is no such task, or no data; `invalid-file` for a field that is missing,
 *   unknown, wrong or computed by Python; `invalid-argument` for options out of range. While it evaluates, `invalid-record`
 *   for a document that does not fit
 */
export async function lmEvalTask(task: string, options: LmEvalTaskOptions = {}): Promise<LmEvalTask> {
  checkFields('lmEvalTask: options', options, fields);
  const { dataFiles = {} } = options;
  const config = await readTaskConfig(extname(task) === '' ? taskPath(task) : task);
  const numFewshot = options.numFewshot ?? config.numFewshot;
  checkFewshot(config, numFewshot);
  const choices = config.outputType === 'multiple_choice' ? choiceTask(config) : undefined;
  const split = (config.splits.test ?? config.splits.validation)!;
  const files = filesOf(config, split, dataFiles);
  const name = config.task.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const provenance: Provenance = {
    task: config.task,
    version: config.version,
    data: files.map((path) => basename(path)).join(' '),
    'data SHA-256': await hashFiles(files),
    fewshot: numFewshot,
  };
  if (choices === undefined) return perplexity({ name, texts: () => texts(config, files), provenance });
  const { toExample } = choices;
  const shots = await openShots(config, numFewshot, split, dataFiles);
  async function* examples(): AsyncGenerator<ChoiceExample> {
    let index = 0;
    for await (const { document, where } of readDocuments(config, files)) {
      yield toExample(document, shots(index++), where);
    }
  }
  return multipleChoice({ name, examples, metrics: choiceMetricsOf(config), provenance });
}

async function* texts(config: TaskConfig, files: readonly string[]): AsyncGenerator<string> {
  const source = String(config.docToTarget);
  const template = compileTemplate(source, `${config.file}: doc_to_target`);
  for await (const { document, where } of readDocuments(config, files)) {
    yield Object.hasOwn(document, source) ? String(document[source]) : template(document, where);
  }
}

/** Opens the examples before questions, all of which are kept in memory. */
async function openShots(
  config: TaskConfig,
  numFewshot: number,
  evaluated: string,
  dataFiles: DataFiles,
): Promise<(index: number) => readonly TaskDocument[]> {
  if (numFewshot === 0) return () => [];
  const { training, validation } = config.splits;
  const split = config.fewshotSplit ?? training ?? validation ?? evaluated;
  const documents: TaskDocument[] = [];
  for await (const { document } of readDocuments(config, filesOf(config, split, dataFiles)))
    documents.push(document);
  const sample: FewShotSampler = fewShotSampler(config, numFewshot, documents);
  return (index) => sample(index, split === evaluated ? index : undefined);
}

function checkFewshot({ file, outputType }: TaskConfig, numFewshot: number): void {
  const isCount = Number.isSafeInteger(numFewshot) && numFewshot >= 0;
  if (isCount && (numFewshot === 0 || outputType === 'multiple_choice')) return;
  throw new TransfusionError(
    'invalid-argument',
    `${file}: num_fewshot is ${numFewshot}, expected ${isCount ? '0 for texts' : 'a non-negative integer'}.`,
  );
}
