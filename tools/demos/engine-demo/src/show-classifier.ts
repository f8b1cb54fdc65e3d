/** First part of the demo: a convolutional network learns to classify emoji by style and group. */
import {
  accuracyOf,
  chanceAccuracy,
  classifierTask,
  classify,
  type Accuracy,
  type Answer,
} from './classifier-task.js';
import {
  createProgressBar,
  formatCount,
  formatPercent,
  formatTable,
  paint,
  printHeading,
  printLines,
  type Terminal,
} from '@transfusion/terminal';
import { evenlySpaced, loadEmoji, type EmojiDataset } from './emoji-dataset.js';
import type { DemoSettings } from './settings.js';
import { runTraining, type TrainingSummary } from './run-training.js';

export interface ClassifierFigures extends TrainingSummary {
  readonly trainImages: number;
  readonly validationImages: number;
  /** On emoji that were held out. */
  readonly accuracy: { readonly before: Accuracy; readonly after: Accuracy; readonly chance: Accuracy };
}

const SHOWN_ANSWERS = 8;

export async function showClassifier(
  terminal: Terminal,
  settings: DemoSettings['classifier'],
): Promise<{ readonly dataset: EmojiDataset; readonly figures: ClassifierFigures }> {
  printHeading(terminal, '1  Classifying emoji by style and group');
  const dataset = await loadEmojiVisibly(terminal, settings);
  const { train, validation, styles, groups, size } = dataset;
  const task = classifierTask(dataset, settings.task);
  printLines(terminal, [
    `${formatCount(train.characters.length)} images of ${size} × ${size} pixels to learn from; ` +
      `${formatCount(validation.characters.length)} of other emoji are held out.`,
    `${styles.length} styles, ${groups.length} groups. ` +
      `Convolutional network, ${formatCount(task.model.variables.reduce((sum, { size }) => sum + size, 0))} parameters.`,
  ]);

  const before = accuracyOf(classify(task.model, validation), validation);
  const summary = runTraining(terminal, task, { steps: settings.steps, unit: 'images', unitsPerExample: 1 });
  const answers = classify(task.model, validation);
  const accuracy = { before, after: accuracyOf(answers, validation), chance: chanceAccuracy(dataset) };
  task.dispose();

  printLines(terminal, ['', ...accuracyTable(accuracy), '', ...answerLines(terminal, dataset, answers)]);
  return {
    dataset,
    figures: {
      trainImages: train.characters.length,
      validationImages: validation.characters.length,
      ...summary,
      accuracy,
    },
  };
}

async function loadEmojiVisibly(
  terminal: Terminal,
  { dataset }: DemoSettings['classifier'],
): Promise<EmojiDataset> {
  let bar: ReturnType<typeof createProgressBar> | undefined;
  return loadEmoji({
    ...dataset,
    onRendered: (done, total) => {
      bar ??= createProgressBar(terminal, {
        label: 'rendering',
        total,
        counted: 'image',
        unit: 'images',
        unitsEach: 1,
      });
      bar.update(done);
    },
  });
}

function accuracyTable({ before, after, chance }: ClassifierFigures['accuracy']): string[] {
  const row = (label: string, of: (accuracy: Accuracy) => number): string[] => [
    label,
    ...[before, after, chance].map((accuracy) => formatPercent(of(accuracy))),
  ];
  return formatTable([
    ['validation accuracy', 'before', 'after', 'chance'],
    row('style', ({ style }) => style),
    row('group', ({ group }) => group),
  ]);
}

/** The classifier's answers for some validation emoji, with the truth in brackets where it is wrong. */
function answerLines(terminal: Terminal, dataset: EmojiDataset, answers: readonly Answer[]): string[] {
  const { validation, styles, groups } = dataset;
  const isOneWideCharacter = /^\p{Emoji_Presentation}$/u;
  const concepts = validation.characters
    .map((character, index) => ({ character, index }))
    .filter(({ character, index }) => index % styles.length === 0 && isOneWideCharacter.test(character));
  const verdict = (names: readonly string[], answer: number, truth: number, width: number): string => {
    const mark = answer === truth ? paint(terminal, 'green', '✓') : paint(terminal, 'red', '✗');
    const text = answer === truth ? names[answer]! : `${names[answer]} (${names[truth]})`;
    return `${mark} ${text.padEnd(width)}`;
  };
  return evenlySpaced(concepts, SHOWN_ANSWERS).map(({ character, index }, row) => {
    const image = index + (row % styles.length);
    const { style, group } = answers[image]!;
    const byStyle = verdict(styles, style, validation.styles[image]!, 18);
    return `${character}  ${byStyle}  ${verdict(groups, group, validation.groups[image]!, 0)}`;
  });
}
