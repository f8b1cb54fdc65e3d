/** Scores of a trained model of emoji: text-to-image, captioning, inpainting and editing of validation emoji. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { imageFactory, imageTokensFactory } from '@transfusion/modality-image';
import { textFactory } from '@transfusion/modality-text';
import { loadModel } from '@transfusion/runs';
import { numberValue } from '../command-line.js';
import { loadDistanceFromReal } from '../emoji-scores/distance-from-real.js';
import { scoreRows } from '../emoji-scores/score-rows.js';
import { emojiTasks, scoreEmojiModel, type EmojiTask } from '../emoji-scores/score-emoji-model.js';
import type { Experiment, ExperimentRow } from '../experiment.js';
import { INCEPTION_NAME } from '../inception/inception-features.js';
import { loadEmojiJudge } from '../judge/emoji-judge.js';
import { fromRoot, runsFolder } from '../runs-folder.js';

export const emojiScoresExperiment: Experiment = {
  description: 'text-to-image, captioning, inpainting and editing scores of a trained model',
  columns: ['task', 'measure', 'value', 'real images', 'reconstructions'],
  options: {
    run: { description: "the run's folder, or a checkpoint's" },
    tasks: {
      description: `some of ${emojiTasks.join(', ')}`,
      default: 'text-to-image,captioning,inpainting',
    },
    count: { description: 'images of each task; there are 649', default: '192' },
    steps: { description: 'denoising steps', default: '25' },
    guidance: { description: 'guidance scale', default: '3' },
    seed: { description: 'seed of generation', default: '0' },
  },
  async *run(values): AsyncGenerator<ExperimentRow> {
    const tasks = parseTasks(values['tasks']);
    const settings = {
      numInferenceSteps: numberValue(values, 'steps', 1),
      guidanceScale: numberValue(values, 'guidance'),
      seed: numberValue(values, 'seed'),
    };
    const count = numberValue(values, 'count', 2);
    const path = fromRoot(values['run']);
    const loaded = await loadModel(path, [textFactory(), imageFactory(), imageTokensFactory()]);
    const { judge, accuracy, dispose } = await loadEmojiJudge();
    const distance = tasks.includes('text-to-image') ? await loadDistanceFromReal() : undefined;
    const folder = join(runsFolder, 'emoji-scores', `${basename(runFolderOf(path))}-step-${loaded.step}`);
    const scores = await scoreEmojiModel(loaded, { judge, tasks, count, settings, distance, folder });
    dispose();
    loaded.dispose();
    yield* scoreRows(scores, accuracy);
    yield { ...EMPTY_ROW, task: 'sheets', measure: folder };
  },
  conclude: () =>
    'Beside a share is that of the real validation images, and of their reconstructions by the autoencoder: what ' +
    'a perfect model would score. ' +
    `The Fréchet distance is of ${INCEPTION_NAME}.`,
};

const EMPTY_ROW = { task: '', measure: '', value: '', 'real images': '', reconstructions: '' };

function parseTasks(text: string): EmojiTask[] {
  return text.split(',').map((name) => {
    const task = emojiTasks.find((known) => known === name.trim());
    if (task !== undefined) return task;
    throw new TransfusionError(
      'invalid-argument',
      `emoji-scores: there is no task '${name}', only ${emojiTasks.join(', ')}.`,
    );
  });
}

/** The folder itself, or that of the run that a checkpoint (`<run>/checkpoints/step-…`) belongs to. */
function runFolderOf(path: string): string {
  const run = dirname(dirname(path));
  return existsSync(join(run, 'checkpoints')) ? run : path;
}
