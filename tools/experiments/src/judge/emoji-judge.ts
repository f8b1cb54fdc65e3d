/**
 * The judge of emoji, a classifier of styles and one of subjects: trained once on real images of the training
 * split, and cached under `runs/judge` by its settings and the autoencoder. OpenMoji's images, which no model is
 * trained on, add one more image of each subject. Their license is CC-BY-SA-4.0, so these weights are used for
 * measurements here and not distributed.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emojiStyles, loadEmojiAutoencoder } from '@transfusion/emoji';
import type { BatchCursor } from '@transfusion/data';
import type { LatentCodec } from '@transfusion/modality';
import type { RgbImage } from '@transfusion/modality-image';
import { adamW, disposeParams, warmupCosine, zeroRng } from '@transfusion/nn';
import { listCheckpoints, openCheckpoint, train } from '@transfusion/trainer';
import { EMOJI_SIZE, validationImages, labeledImages, openEmoji, type LabeledImage } from '../emoji-set.js';
import { progressReport } from '../progress-report.js';
import { runsFolder } from '../runs-folder.js';
import {
  classifierBatches,
  type ClassifierBatchOptions,
  type ClassifierExample,
} from './classifier-batches.js';
import { classifierModel } from './classifier-model.js';
import { createJudge, type Judge, type TrainedClassifier } from './judge.js';
import { judgedShares, type JudgedShares } from './judged-shares.js';
import {
  createClassifier,
  type ClassifierParams,
  type ClassifierStage,
  type ImageClassifier,
} from './image-classifier.js';

/** Everything that a classifier's weights depend on, besides its data. */
export interface ClassifierSettings extends ClassifierBatchOptions {
  readonly stages: readonly ClassifierStage[];
  readonly totalSteps: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** Everything that the judge's weights depend on. */
export interface JudgeSettings {
  readonly style: ClassifierSettings;
  readonly subject: ClassifierSettings;
  /** One in this many training images is also trained on as the autoencoder's reconstruction. */
  readonly reconstructed: number;
}

/** Settings of the judge of the experiments: a quarter of an hour on two cores for each autoencoder. */
export const judgeSettings: JudgeSettings = {
  // Styles differ in colors and in details of a few pixels: no distortion.
  style: {
    stages: [
      { channels: 32, numBlocks: 0 },
      { channels: 64, numBlocks: 1 },
      { channels: 96, numBlocks: 1 },
    ],
    numImages: 64,
    totalSteps: 3000,
    halfSideSteps: 0,
    learningRate: 3e-3,
    weightDecay: 0.05,
    seed: 1,
    distortion: { tint: 0, softness: 0, noise: 0 },
  },
  subject: {
    stages: [
      { channels: 32, numBlocks: 0 },
      { channels: 64, numBlocks: 1 },
      { channels: 128, numBlocks: 2 },
      { channels: 256, numBlocks: 1 },
    ],
    numImages: 32,
    totalSteps: 5000,
    halfSideSteps: 3200,
    learningRate: 2e-3,
    weightDecay: 0.05,
    seed: 1,
    distortion: { tint: 0.15, softness: 1, noise: 0.08 },
  },
  reconstructed: 4,
};

/** Accuracy of the judge on validation images. */
export interface JudgeAccuracy {
  /** On the images themselves. */
  readonly real: JudgedShares;
  /** On the autoencoder's reconstructions: an upper bound for a model that generates latents. */
  readonly reconstructed: JudgedShares;
}

/** A judge with its accuracy; `dispose` frees its weights. */
export interface EmojiJudge {
  readonly judge: Judge;
  readonly accuracy: JudgeAccuracy;
  dispose(): void;
}

/**
 * Loads the judge; trains it first if there is none of these settings and of the autoencoder that the models have
 * now, or goes on where that was interrupted.
 */
export async function loadEmojiJudge(settings = judgeSettings): Promise<EmojiJudge> {
  const codec = await loadEmojiAutoencoder();
  try {
    return await loadJudgeOf(settings, codec);
  } finally {
    codec.dispose();
  }
}

async function loadJudgeOf(settings: JudgeSettings, codec: LatentCodec<RgbImage>): Promise<EmojiJudge> {
  const folder = folderOf(settings, codec);
  const subjects = [...new Set(openEmoji('train').images.map(({ concept }) => concept.name))];
  const examples = onDemand(() => trainingImages(settings, codec));
  const style = await loadClassifier('style', join(folder, 'style'), settings.style, emojiStyles, async () =>
    withLabels((await examples()).ofWholeSubjects, emojiStyles, ({ style }) => style),
  );
  const subject = await loadClassifier(
    'subject',
    join(folder, 'subject'),
    settings.subject,
    subjects,
    async () => withLabels((await examples()).all, subjects, ({ subject }) => subject),
  );
  const judge = createJudge(style, subject);
  return {
    judge,
    accuracy: await accuracyOf(folder, judge, codec),
    dispose: () => disposeParams([style.params, subject.params]),
  };
}

function folderOf(settings: JudgeSettings, { id }: LatentCodec<RgbImage>): string {
  const key = createHash('sha256').update(JSON.stringify({ settings, id })).digest('hex').slice(0, 8);
  return join(runsFolder, 'judge', key);
}

async function loadClassifier(
  name: string,
  folder: string,
  settings: ClassifierSettings,
  names: readonly string[],
  examples: () => Promise<readonly ClassifierExample[]>,
): Promise<TrainedClassifier> {
  const classifier = createClassifier({ stages: settings.stages, numClasses: names.length });
  const params =
    (await storedParams(folder, classifier, settings)) ??
    (await trainClassifier(name, folder, classifier, await examples(), settings));
  return { classifier, params, names };
}

async function storedParams(
  folder: string,
  classifier: ImageClassifier,
  { totalSteps }: ClassifierSettings,
): Promise<ClassifierParams | undefined> {
  const last = (await listCheckpoints(join(folder, 'checkpoints'))).at(-1);
  if (last?.step !== totalSteps) return undefined;
  const like = classifier.init(zeroRng);
  try {
    return await (await openCheckpoint(last.path)).readTree('ema', like);
  } finally {
    disposeParams(like);
  }
}

async function trainClassifier(
  name: string,
  folder: string,
  classifier: ImageClassifier,
  examples: readonly ClassifierExample[],
  settings: ClassifierSettings,
): Promise<ClassifierParams> {
  const { totalSteps, learningRate, weightDecay, seed, numImages, halfSideSteps } = settings;
  const flopsAt = (step: number): number =>
    3 * numImages * classifier.flops(step <= halfSideSteps ? EMOJI_SIZE / 2 : EMOJI_SIZE);
  const { ema } = await train({
    model: classifierModel(classifier),
    optimizer: adamW({ weightDecay, beta2: 0.98 }),
    lrSchedule: warmupCosine({ peak: learningRate, final: 0, warmupSteps: totalSteps / 20, totalSteps }),
    totalSteps,
    batches: (cursor?: BatchCursor) => classifierBatches(examples, settings, cursor),
    seed,
    directory: folder,
    emaDecay: 0.995,
    keepCheckpoints: 1,
    description: { settings },
    onStep: progressReport(`judge of ${name}s`, totalSteps, flopsAt),
  });
  return ema;
}

/**
 * Loads the training images. Styles are learned on subjects without a validation image: on the others, the judge
 * would learn which styles are missing, and never predict these.
 */
async function trainingImages({ reconstructed }: JudgeSettings, codec: LatentCodec<RgbImage>) {
  const ofArtists = await labeledImages(openEmoji('train'));
  const ofOthers = [
    ...(await labeledImages(openEmoji('train', ['openmoji']))),
    ...(await labeledImages(openEmoji('validation', ['openmoji']))),
  ];
  const some = ofArtists.filter((_, i) => i % reconstructed === 0);
  const images = await codec.decode(await codec.encode(some.map(({ image }) => image)));
  const softened = some.map((image, i) => ({ ...image, image: images[i] }));
  const incomplete = new Set(openEmoji('validation').images.map(({ concept }) => concept.name));
  return {
    all: [...ofArtists, ...ofOthers, ...softened],
    ofWholeSubjects: [...ofArtists, ...softened].filter(({ subject }) => !incomplete.has(subject)),
  };
}

function withLabels(
  images: readonly LabeledImage[],
  names: readonly string[],
  nameOf: (image: LabeledImage) => string,
): ClassifierExample[] {
  const numberOf = new Map(names.map((name, i) => [name, i]));
  return images.flatMap((image) => {
    const label = numberOf.get(nameOf(image));
    return label === undefined ? [] : [{ image: image.image, label }];
  });
}

/** Computes the result on the first call, and caches it. */
function onDemand<T>(compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= compute());
}

/** Measures the accuracy, and caches it in a file. */
async function accuracyOf(
  folder: string,
  judge: Judge,
  codec: LatentCodec<RgbImage>,
): Promise<JudgeAccuracy> {
  const path = join(folder, 'accuracy.json');
  if (existsSync(path)) return JSON.parse(await readFile(path, 'utf8')) as JudgeAccuracy;
  const labeled = await validationImages();
  const images = labeled.map(({ image }) => image);
  const accuracy = {
    real: judgedShares(await judge(images), labeled),
    reconstructed: judgedShares(await judge(await codec.decode(await codec.encode(images))), labeled),
  };
  await writeFile(path, `${JSON.stringify(accuracy, undefined, 2)}\n`);
  return accuracy;
}
