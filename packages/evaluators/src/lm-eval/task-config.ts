/** Configs of tasks: the part of lm-evaluation-harness's YAML that needs no Python. */
import { TransfusionError } from '@transfusion/errors';
import { choiceMetrics, type ChoiceMetric } from '../text/multiple-choice.js';
import { fieldReader, type FieldReader } from './field-reader.js';
import { preprocessings, type PreprocessingName } from './preprocessings.js';
import { readTaskYaml } from './read-task-yaml.js';

/** Names of the parts of a data set. */
const splits = ['test', 'validation', 'training'] as const;
export type Split = (typeof splits)[number];

/** A task, as its file defines it. */
export interface TaskConfig {
  readonly file: string;
  readonly task: string;
  readonly version: string | number;
  readonly outputType: 'multiple_choice' | 'loglikelihood_rolling';
  readonly datasetPath: string;
  /** Data files by the data set's names of its parts, relative to the task's file. */
  readonly dataFiles: Readonly<Record<string, readonly string[]>>;
  /** The data set's names of its parts; absent where it has none. */
  readonly splits: Readonly<Partial<Record<Split, string>>>;
  readonly fewshotSplit?: string;
  readonly preprocess?: PreprocessingName;
  /** Templates, names of fields, or the value itself. */
  readonly docToText: string | number;
  readonly docToTarget: string | number;
  readonly docToChoice?: string | readonly string[];
  readonly description: string;
  readonly numFewshot: number;
  readonly fewshotSampler: 'default' | 'first_n';
  readonly fewshotDelimiter: string;
  readonly targetDelimiter: string;
  readonly metrics: readonly string[];
}

/** Metrics of texts; all of them are computed. */
const rollingMetrics = ['word_perplexity', 'byte_perplexity', 'bits_per_byte'];

/** Fields that are read, and those that say nothing about scores. */
const fields = [
  'task',
  'tag',
  'dataset_path',
  'dataset_name',
  'dataset_kwargs',
  'test_split',
  'validation_split',
  'training_split',
  'fewshot_split',
  'fewshot_config',
  'preprocess',
  'output_type',
  'doc_to_text',
  'doc_to_target',
  'doc_to_choice',
  'description',
  'num_fewshot',
  'fewshot_delimiter',
  'target_delimiter',
  'metric_list',
  'metadata',
  'should_decontaminate',
  'doc_to_decontamination_query',
];

/**
 * Reads the config of a task.
 *
 * @throws TransfusionError `not-found` if there is no file, `invalid-file` for a field that is missing, unknown or wrong
 */
export async function readTaskConfig(file: string): Promise<TaskConfig> {
  const read = fieldReader(file, await readTaskYaml(file));
  read.checkKnown(fields);
  const outputType = read.oneOf('output_type', ['multiple_choice', 'loglikelihood_rolling'] as const);
  const isChoice = outputType === 'multiple_choice';
  const known = isChoice ? choiceMetrics : rollingMetrics;
  const fewshot = read.nested('fewshot_config');
  fewshot.checkKnown(['sampler', 'split']);
  const kwargs = read.nested('dataset_kwargs');
  const version = read.nested('metadata').value('version');
  if (typeof version !== 'string' && typeof version !== 'number')
    throw read.missing('metadata.version', 'a number');
  const config: TaskConfig = {
    file,
    task: read.text('task'),
    version,
    outputType,
    datasetPath: read.text('dataset_path'),
    dataFiles: dataFilesOf(kwargs),
    splits: Object.fromEntries(
      splits.flatMap((split) => {
        const name = read.optionalText(`${split}_split`);
        return name === undefined ? [] : [[split, name]];
      }),
    ),
    fewshotSplit: fewshot.optionalText('split') ?? read.optionalText('fewshot_split'),
    preprocess: read.optionalOneOf('preprocess', Object.keys(preprocessings) as PreprocessingName[]),
    docToText: isChoice ? read.textOrNumber('doc_to_text') : '',
    docToTarget: read.textOrNumber('doc_to_target'),
    docToChoice: isChoice ? read.textOrTexts('doc_to_choice') : undefined,
    description: read.optionalText('description') ?? '',
    numFewshot: read.optionalCount('num_fewshot') ?? 0,
    fewshotSampler: fewshot.optionalOneOf('sampler', ['default', 'first_n'] as const) ?? 'default',
    fewshotDelimiter: read.optionalText('fewshot_delimiter') ?? '\n\n',
    targetDelimiter: read.optionalText('target_delimiter') ?? ' ',
    metrics: metricsOf(read, known),
  };
  if (config.splits.test ?? config.splits.validation) return config;
  throw read.missing('test_split or validation_split', 'the name of the part to evaluate');
}

/** Returns the metrics of multiple choice that a task lists. */
export function choiceMetricsOf({ metrics }: TaskConfig): readonly ChoiceMetric[] {
  return metrics as readonly ChoiceMetric[];
}

function metricsOf(read: FieldReader, known: readonly string[]): readonly string[] {
  const list = read.value('metric_list');
  if (!Array.isArray(list) || list.length === 0)
    throw read.missing('metric_list', `a list of ${known.join(', ')}`);
  return list.map((entry: unknown, i) => {
    const metric = fieldReader(read.file, Object(entry) as Record<string, unknown>, `metric_list[${i}].`);
    metric.checkKnown(['metric', 'aggregation', 'higher_is_better']);
    return metric.oneOf('metric', known);
  });
}

function dataFilesOf(kwargs: FieldReader): TaskConfig['dataFiles'] {
  kwargs.checkKnown(['data_files']);
  const files = kwargs.value('data_files') ?? {};
  if (typeof files !== 'object' || Array.isArray(files)) {
    throw new TransfusionError(
      'invalid-file',
      `${kwargs.file}: dataset_kwargs.data_files is ${JSON.stringify(files)}, expected files by split: { validation: rows.jsonl }.`,
    );
  }
  const read = fieldReader(kwargs.file, files as Record<string, unknown>, 'dataset_kwargs.data_files.');
  return Object.fromEntries(
    Object.keys(files).map((split) => {
      const found = read.textOrTexts(split);
      return [split, typeof found === 'string' ? [found] : found];
    }),
  );
}
