/** Third part of the demo: the same training steps on TensorFlow.js's other backends. */
import {
  formatFactor,
  formatMilliseconds,
  formatTable,
  paint,
  printHeading,
  printLines,
  type Terminal,
} from '@transfusion/terminal';
import { classifierTask } from './classifier-task.js';
import {
  compareEngines,
  isMeasurement,
  largestDifference,
  type EngineMeasurement,
  type EngineResult,
} from './compare-engines.js';
import type { EmojiDataset } from './emoji-dataset.js';
import type { DemoSettings } from './settings.js';
import type { TextDataset } from './text-dataset.js';
import type { TrainingTask } from './training.js';
import { transformerTask } from './transformer-task.js';

export interface ComparisonFigures {
  readonly classifier: ModelComparison;
  readonly transformer: ModelComparison;
}

export interface ModelComparison {
  readonly batchSize: number;
  readonly engines: readonly EngineResult[];
  /** Between the losses of an engine and those of the `cpu` backend, at any step, in nats. */
  readonly largestDifference: number;
}

/** TensorFlow.js's own plain JavaScript. */
const REFERENCE = 'cpu';

/** Both tables have the same columns. */
const TITLE_WIDTH = 40;

export async function showComparison(
  terminal: Terminal,
  { classifier, transformer, comparison }: DemoSettings,
  data: { readonly emoji: EmojiDataset; readonly text: TextDataset },
): Promise<ComparisonFigures> {
  printHeading(terminal, '3  The same training steps on the other engines of TensorFlow.js');
  printLines(terminal, [
    'The same code, initial weights and batches: small ones, for the sake of the slow engines.',
  ]);

  const compare = async (
    title: string,
    batchSize: number,
    createTask: () => TrainingTask,
  ): Promise<ModelComparison> => {
    printLines(terminal, ['']);
    const engines = await compareEngines(createTask, {
      steps: comparison.steps,
      maxSeconds: comparison.maxSecondsPerEngine,
      onEngine: (name) => {
        if (terminal.isInteractive) terminal.write(`\r\x1b[2K  ${title}: ${name} ...`);
      },
    });
    if (terminal.isInteractive) terminal.write('\r\x1b[2K');
    printLines(terminal, engineTable(terminal, title, engines));
    return { batchSize, engines, largestDifference: largestDifferenceOf(engines) };
  };

  const { classifierBatchSize, transformerBatchSize } = comparison;
  return {
    classifier: await compare(`classifier, ${classifierBatchSize} images a step`, classifierBatchSize, () =>
      classifierTask(data.emoji, { ...classifier.task, batchSize: classifierBatchSize }),
    ),
    transformer: await compare(
      `transformer, ${transformerBatchSize} × ${transformer.task.model.seqLen} characters a step`,
      transformerBatchSize,
      () => transformerTask(data.text, { ...transformer.task, batchSize: transformerBatchSize }),
    ),
  };
}

function engineTable(terminal: Terminal, title: string, results: readonly EngineResult[]): string[] {
  const fastest = results.find(isMeasurement);
  const reference = referenceAmong(results);
  const rows = results.map((result) => {
    if (!isMeasurement(result)) return [result.engine, '–', '', ''];
    return [
      result.engine,
      formatMilliseconds(result.millisecondsPerStep),
      result === fastest ? '' : formatFactor(result.millisecondsPerStep / fastest!.millisecondsPerStep),
      reference === undefined || result === reference
        ? ''
        : formatDifference(largestDifference(result, reference)),
    ];
  });
  const [header, ...body] = formatTable([
    [title.padEnd(TITLE_WIDTH), 'ms/step', 'jit is faster by', `loss differs from ${REFERENCE}'s by`],
    ...rows,
  ]);
  const failures = results.flatMap((result) =>
    isMeasurement(result)
      ? []
      : [paint(terminal, 'dim', `${result.engine}: not possible, ${result.notPossible}`)],
  );
  return [header!, ...body, ...failures];
}

function largestDifferenceOf(results: readonly EngineResult[]): number {
  const reference = referenceAmong(results);
  if (reference === undefined) return NaN;
  return Math.max(...results.filter(isMeasurement).map((result) => largestDifference(result, reference)));
}

function referenceAmong(results: readonly EngineResult[]): EngineMeasurement | undefined {
  return results.filter(isMeasurement).find(({ engine }) => engine === REFERENCE);
}

function formatDifference(difference: number): string {
  return difference === 0 ? '0' : difference.toExponential(0);
}
