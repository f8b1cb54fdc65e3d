/**
 * GenEval on faces with exact attributes: a tiny model trained with true captions and with those of other faces, beside real
 * faces that the detector has not seen, whose score is what it allows.
 */
import { geneval, runEvaluator, type Evaluator, type Metric, type Predictors } from '@transfusion/evaluators';
import { createRng, disposeParams } from '@transfusion/nn';
import { modelPredictors } from '@transfusion/runs';
import { trainAvatarDetector, type AvatarDetector } from '../avatars/avatar-detector.js';
import { avatarPrompts } from '../avatars/avatar-prompts.js';
import {
  attributeNames,
  avatarDocuments,
  randomAttributes,
  randomAvatars,
  renderAvatar,
} from '../avatars/avatar-set.js';
import { numberValue } from '../command-line.js';
import type { Experiment, ExperimentRow } from '../experiment.js';
import { percent } from '../figures.js';
import { trainTiny } from '../tiny-run.js';

const NUM_AVATARS = 3000;
const DETECTOR_STEPS = 300;
const IMAGES_PER_PROMPT = 4;
/** 16 patches, and captions of up to 40 letters. */
const ROW_LENGTH = 64;
const SPANS = { numInferenceSteps: 20, guidanceScale: 2 };

const COLUMNS = ['GenEval', 'single_object', 'two_object', 'colors', 'color_attr', 'atoms'];

export const genevalExperiment: Experiment = {
  description: 'GenEval on avatars with exact attributes, by a detector trained on them',
  columns: ['images', ...COLUMNS, 'interval'],
  options: { steps: { description: 'training steps of each model', default: '600' } },
  async *run(values): AsyncGenerator<ExperimentRow> {
    const steps = numberValue(values, 'steps', 1);
    const avatars = await randomAvatars('train', NUM_AVATARS);
    const detector = await trainAvatarDetector(avatars, DETECTOR_STEPS);
    yield row('(real)', await score(detector, { generate: renderPrompts }));
    for (const captions of ['true', 'shuffled'] as const) {
      const source = avatarDocuments(avatars, captions);
      const tiny = await trainTiny({ source, rowLength: ROW_LENGTH, seed: 1, steps });
      yield row(`${captions} captions`, await score(detector, modelPredictors(tiny, SPANS)));
      disposeParams(tiny.params);
    }
    detector.dispose();
  },
  conclude: (rows) => {
    const of = (images: string) => rows.find((row) => row['images'] === images)!['GenEval'];
    return (
      `Trained with true captions, the model scores ${of('true captions')}; with those of other faces ` +
      `${of('shuffled captions')}. Real faces score ${of('(real)')}.`
    );
  },
};

async function score(
  detector: AvatarDetector,
  predict: Pick<Predictors, 'generate'>,
): Promise<readonly Metric[]> {
  const evaluator = geneval({ prompts: avatarPrompts(), detector, imagesPerPrompt: IMAGES_PER_PROMPT });
  return (await runEvaluator(evaluator as Evaluator, predict, { subject: 'avatars' })).metrics;
}

/** Renders a face that has what the prompt names, and else is random: the first one that fits. */
const renderPrompts: Predictors['generate'] = async function* (tasks) {
  for await (const { prompt, seed } of tasks) {
    const wanted = String(prompt[0].value).split(', ');
    const rng = createRng(seed).fork('real');
    for (let attempt = 0; ; attempt++) {
      const attributes = randomAttributes(rng.fork(attempt));
      const names = attributeNames(attributes).flatMap((name) => [name, name.replace(/^\w+ (?=hat)/, '')]);
      if (!wanted.every((name) => names.includes(name))) continue;
      yield (await renderAvatar(attributes, `real ${seed}`)).image;
      break;
    }
  }
};

function row(images: string, metrics: readonly Metric[]): ExperimentRow {
  const [{ interval }] = metrics;
  const shares = COLUMNS.map((name) => [
    name,
    percent(metrics.find((metric) => metric.name === name)!.value),
  ]);
  return { images, ...Object.fromEntries(shares), interval: interval!.map(percent).join(' to ') };
}
