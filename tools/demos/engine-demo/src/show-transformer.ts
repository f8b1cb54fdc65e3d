/** Second part of the demo: a small transformer reads Moby-Dick, and writes. */
import {
  formatCount,
  formatTable,
  paint,
  printHeading,
  printLines,
  type Terminal,
  wrap,
} from '@transfusion/terminal';
import { runTraining, type TrainingSummary } from './run-training.js';
import { seededRandom } from './seeded-random.js';
import type { DemoSettings } from './settings.js';
import { loadText, type TextDataset } from './text-dataset.js';
import { meanLoss, transformerTask } from './transformer-task.js';
import { writeText } from './write-text.js';

export interface TransformerFigures extends TrainingSummary {
  readonly trainCharacters: number;
  readonly validationCharacters: number;
  /** Nats per character on text that was held out; `chance`: all characters alike. */
  readonly validationLoss: { readonly before: number; readonly after: number; readonly chance: number };
  readonly sample: string;
}

export function showTransformer(
  terminal: Terminal,
  settings: DemoSettings['transformer'],
): { readonly dataset: TextDataset; readonly figures: TransformerFigures } {
  printHeading(terminal, '2  A transformer reads Moby-Dick');
  const dataset = loadText();
  const { train, validation, characters } = dataset;
  const task = transformerTask(dataset, settings.task);
  const { numLayers, numHeads, seqLen } = task.model.config;
  printLines(terminal, [
    `${formatCount(train.length)} characters to learn from; the last ${formatCount(validation.length)} are held out.`,
    `${numLayers} layers, ${numHeads} heads, ${seqLen} characters at a time, ` +
      `${formatCount(task.model.variables.reduce((sum, { size }) => sum + size, 0))} parameters.`,
  ]);

  const judge = (): number =>
    meanLoss(task.model, validation, settings.validationBatches, settings.task.batchSize);
  const before = judge();
  const summary = runTraining(terminal, task, {
    steps: settings.task.steps,
    unit: 'chars',
    unitsPerExample: seqLen,
  });
  const validationLoss = { before, after: judge(), chance: Math.log(characters.length) };
  const paragraph = validation.indexOf(characters.indexOf('\n')) + 2;
  const prompt = validation.subarray(paragraph, paragraph + seqLen);
  const written = writeText(task.model, prompt, {
    length: settings.sampleLength,
    temperature: settings.temperature,
    random: seededRandom(settings.task.seed),
  });
  task.dispose();

  const textOf = (codes: Int32Array): string => Array.from(codes, (code) => characters[code]).join('');
  const sample = textOf(written);
  printLines(terminal, ['', ...lossTable(validationLoss), '']);
  printSample(terminal, textOf(prompt), sample);
  return {
    dataset,
    figures: {
      trainCharacters: train.length,
      validationCharacters: validation.length,
      ...summary,
      validationLoss,
      sample,
    },
  };
}

function lossTable({ before, after, chance }: TransformerFigures['validationLoss']): string[] {
  const row = (label: string, of: (loss: number) => string): string[] => [
    label,
    ...[before, after, chance].map(of),
  ];
  return formatTable([
    ['on validation text', 'before', 'after', 'chance'],
    row('loss, nats per character', (loss) => loss.toFixed(2)),
    row('perplexity', (loss) => Math.exp(loss).toFixed(1)),
  ]);
}

/** Prints the prompt, dimmed, followed by the generated text. */
function printSample(terminal: Terminal, prompt: string, sample: string): void {
  const border = '│ ';
  let remaining = prompt.length;
  printLines(
    terminal,
    wrap({ ...terminal, columns: terminal.columns - border.length }, prompt + sample).map((line) => {
      const pale = line.slice(0, Math.max(0, remaining));
      remaining -= line.length + 1;
      return paint(terminal, 'dim', border + pale) + line.slice(pale.length);
    }),
  );
}
