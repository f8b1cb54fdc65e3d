/** The whole demo: two trainings, a comparison, a summary. */
import { availableParallelism, cpus } from 'node:os';
import * as tf from '@transfusion/tfjs';
import {
  formatDuration,
  formatFactor,
  formatPercent,
  paint,
  printHeading,
  printLines,
  type Terminal,
  wrap,
} from '@transfusion/terminal';
import { isMeasurement, type EngineResult } from './compare-engines.js';
import type { DemoSettings } from './settings.js';
import { showClassifier, type ClassifierFigures } from './show-classifier.js';
import { showComparison, type ComparisonFigures } from './show-comparison.js';
import { showTransformer, type TransformerFigures } from './show-transformer.js';

export interface DemoFigures {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string };
  readonly settings: DemoSettings;
  readonly classifier: ClassifierFigures;
  readonly transformer: TransformerFigures;
  readonly comparison: ComparisonFigures;
  readonly seconds: number;
}

export async function runDemo(terminal: Terminal, settings: DemoSettings): Promise<DemoFigures> {
  const start = performance.now();
  // Otherwise the cpu backend greets its user with an advertisement.
  tf.enableProdMode();
  await tf.setBackend('onnxruntime');
  const machine = {
    processor: cpus()[0]!.model.trim(),
    cores: availableParallelism(),
    node: process.version,
  };

  terminal.write(`${paint(terminal, 'bold', 'TensorFlow.js on ONNX Runtime')}\n`);
  printLines(
    terminal,
    [`TensorFlow.js ${tf.version_core}, Node ${machine.node}, ${machine.cores} cores (${machine.processor})`],
    'dim',
  );
  const emoji = await showClassifier(terminal, settings.classifier);
  const text = showTransformer(terminal, settings.transformer);
  const comparison = await showComparison(terminal, settings, { emoji: emoji.dataset, text: text.dataset });

  const figures: DemoFigures = {
    machine,
    settings,
    classifier: emoji.figures,
    transformer: text.figures,
    comparison,
    seconds: (performance.now() - start) / 1000,
  };
  printHeading(terminal, 'What you saw');
  printLines(terminal, wrap(terminal, summaryOf(figures)));
  return figures;
}

function summaryOf({ machine, classifier, transformer, comparison, seconds }: DemoFigures): string {
  const { before, after } = classifier.accuracy;
  const { validationLoss } = transformer;
  const models = [comparison.classifier, comparison.transformer];
  const [classifierFactor, transformerFactor] = models.map(({ engines }) =>
    formatFactor(speedUpOverCpu(engines)),
  );
  const difference = Math.max(...models.map(({ largestDifference }) => largestDifference));
  return [
    "Plain TensorFlow.js, with tf.setBackend('onnxruntime') and jit around the training step, learned in " +
      `${formatDuration(classifier.trainingSeconds)} to predict the style of ${formatPercent(after.style)} and the ` +
      `group of ${formatPercent(after.group)} of unseen emoji (before: ${formatPercent(before.style)} ` +
      `and ${formatPercent(before.group)}), and in ${formatDuration(transformer.trainingSeconds)} to predict ` +
      `Melville with ${validationLoss.after.toFixed(2)} nats a character (before: ${validationLoss.before.toFixed(2)}).`,
    `On these ${machine.cores} cores a jitted step is ${classifierFactor} (classifier) and ${transformerFactor} ` +
      "(transformer) as fast as on TensorFlow.js's cpu backend. The engines agree: no loss differs from that " +
      `backend's by more than ${difference.toExponential(0)}.`,
    `All of it took ${formatDuration(seconds)}.`,
  ].join('\n');
}

function speedUpOverCpu(engines: readonly EngineResult[]): number {
  const measured = engines.filter(isMeasurement);
  const timeOf = (name: string): number =>
    measured.find(({ engine }) => engine === name)?.millisecondsPerStep ?? NaN;
  return timeOf('cpu') / timeOf('onnxruntime with jit');
}
