/**
 * The judge of emoji: trained once on real pictures of the training split, and kept under `runs/judge` by its
 * settings. OpenMoji's pictures, which no model sees, show it each subject once more. Its licence is
 * CC-BY-SA-4.0, so these weights are for measuring here and are not passed on.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emojiStyles, loadEmojiAutoencoder } from '@transfusion/emoji';
import type { RgbImage } from '@transfusion/modality-image';
import { adamW, createRng, disposeParams, warmupCosine } from '@transfusion/nn';
import { listCheckpoints, readCheckpointTree, train } from '@transfusion/trainer';
import { EMOJI_SIZE, heldOutPictures, labelledPictures, openEmoji } from '../emoji-set.js';
import { progressReport } from '../progress-report.js';
import { runsFolder } from '../runs-folder.js';
import { judgeBatches, type JudgeBatchOptions, type JudgeExample } from './judge-batches.js';
import { createJudge, type Judge, type JudgeClasses } from './judge.js';
import { judgedShares, type JudgedShares } from './judged-shares.js';
import { judgeModel } from './judge-model.js';
import { createJudgeNetwork, type JudgeNetwork, type JudgeParams, type JudgeStage } from './judge-network.js';

/** All that the judge's weights depend on. */
export interface JudgeSettings extends JudgeBatchOptions {
  readonly stages: readonly JudgeStage[];
  readonly totalSteps: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** One of so many training pictures is also learnt as the autoencoder gives it back. */
  readonly reconstructed: number;
}

/** The judge of the experiments: ten minutes of two cores. */
export const judgeSettings: JudgeSettings = {
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
  reconstructed: 4,
};

/** How well the judge judges what it has not seen. */
export interface JudgeAccuracy {
  /** Held-out pictures as their artists drew them. */
  readonly real: JudgedShares;
  /** The same as the autoencoder gives them back: what is lost in latents, however well a model draws. */
  readonly reconstructed: JudgedShares;
}

/** A judge, what its word is worth, and the way to free it. */
export interface EmojiJudge {
  readonly judge: Judge;
  readonly accuracy: JudgeAccuracy;
  dispose(): void;
}

/** Loads the judge; trains it first if there is none of these settings, or goes on where that was interrupted. */
export async function loadEmojiJudge(settings = judgeSettings): Promise<EmojiJudge> {
  const folder = folderOf(settings);
  const classes = emojiClasses();
  const network = createJudgeNetwork({
    stages: settings.stages,
    numStyles: classes.styles.length,
    numSubjects: classes.subjects.length,
  });
  const params =
    (await storedParams(folder, network, settings)) ?? (await trainJudge(folder, network, classes, settings));
  const judge = createJudge(network, params, classes);
  return { judge, accuracy: await accuracyOf(folder, judge), dispose: () => disposeParams(params) };
}

function folderOf(settings: JudgeSettings): string {
  const key = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 8);
  return join(runsFolder, 'judge', key);
}

/** All subjects that a training picture of one of the styles shows. */
function emojiClasses(): JudgeClasses {
  const subjects = openEmoji('train').pictures.map(({ concept }) => concept.name);
  return { styles: emojiStyles, subjects: [...new Set(subjects)] };
}

async function storedParams(
  folder: string,
  network: JudgeNetwork,
  { totalSteps }: JudgeSettings,
): Promise<JudgeParams | undefined> {
  const last = (await listCheckpoints(join(folder, 'checkpoints'))).at(-1);
  if (last?.step !== totalSteps) return undefined;
  const like = network.init(createRng(0));
  try {
    return await readCheckpointTree(last.path, 'ema', like);
  } finally {
    disposeParams(like);
  }
}

async function trainJudge(
  folder: string,
  network: JudgeNetwork,
  classes: JudgeClasses,
  settings: JudgeSettings,
): Promise<JudgeParams> {
  const { totalSteps, learningRate, weightDecay, seed, numImages, halfSideSteps } = settings;
  const flopsAt = (step: number): number =>
    3 * numImages * network.flops(step <= halfSideSteps ? EMOJI_SIZE / 2 : EMOJI_SIZE);
  const examples = await judgeExamples(classes, settings);
  const { ema } = await train({
    model: judgeModel(network),
    optimizer: adamW({ weightDecay, beta2: 0.98 }),
    lrSchedule: warmupCosine({ peak: learningRate, final: 0, warmupSteps: totalSteps / 20, totalSteps }),
    totalSteps,
    batches: (from) => judgeBatches(examples, settings, from),
    seed,
    directory: folder,
    emaDecay: 0.995,
    keepCheckpoints: 1,
    description: { settings, classes },
    onStep: progressReport('judge', totalSteps, flopsAt),
  });
  return ema;
}

/**
 * Subjects of the training pictures of artists and others. Styles are learnt of subjects of which no picture is
 * held out: of the others, the judge would learn which pictures are missing, and take these for anything else.
 */
async function judgeExamples(
  { styles, subjects }: JudgeClasses,
  { reconstructed }: JudgeSettings,
): Promise<JudgeExample[]> {
  const ofArtists = await labelledPictures(openEmoji('train'));
  const ofOthers = [
    ...(await labelledPictures(openEmoji('train', ['openmoji']))),
    ...(await labelledPictures(openEmoji('held-out', ['openmoji']))),
  ];
  const some = ofArtists.filter((_, i) => i % reconstructed === 0);
  const images = await reconstructions(some.map(({ image }) => image));
  const softened = some.map((picture, i) => ({ ...picture, image: images[i] }));
  const numberOf = new Map(subjects.map((subject, i) => [subject, i]));
  const incomplete = new Set(openEmoji('held-out').pictures.map(({ concept }) => concept.name));
  return [...ofArtists, ...ofOthers, ...softened].flatMap(({ image, style, subject: name }) => {
    const subject = numberOf.get(name);
    const styleNumber = incomplete.has(name) ? -1 : styles.indexOf(style);
    return subject === undefined ? [] : [{ image, style: styleNumber, subject }];
  });
}

/** The pictures as the autoencoder of emoji gives them back. */
async function reconstructions(pictures: readonly RgbImage[]): Promise<readonly RgbImage[]> {
  const { codec, dispose } = await loadEmojiAutoencoder();
  try {
    return await codec.decode(await codec.encode(pictures));
  } finally {
    dispose();
  }
}

/** Measured once. */
async function accuracyOf(folder: string, judge: Judge): Promise<JudgeAccuracy> {
  const path = join(folder, 'accuracy.json');
  if (existsSync(path)) return JSON.parse(await readFile(path, 'utf8')) as JudgeAccuracy;
  const pictures = await heldOutPictures();
  const images = pictures.map(({ image }) => image);
  const accuracy = {
    real: judgedShares(await judge(images), pictures),
    reconstructed: judgedShares(await judge(await reconstructions(images)), pictures),
  };
  await writeFile(path, `${JSON.stringify(accuracy, undefined, 2)}\n`);
  return accuracy;
}
