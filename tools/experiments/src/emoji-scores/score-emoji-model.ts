/** What can be measured of a model of emoji, task by task, and sheets of images that show it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillMasked, keepKnown, writePng, type RgbImage } from '@transfusion/modality-image';
import type { ContinuousModality } from '@transfusion/modality';
import { editImage, imageToText, textToImage, type TrainedModel } from '@transfusion/pipelines';
import { EMOJI_SIZE, validationImages, type LabeledImage } from '../emoji-set.js';
import type { Judge } from '../judge/judge.js';
import { judgedShares, type JudgedShares } from '../judge/judged-shares.js';
import { captionScores, type CaptionScores } from './captions.js';
import { contactSheet, type ContactSheetCell } from './contact-sheet.js';
import type { DistanceFromReal } from './distance-from-real.js';
import type { DrawingSettings } from './drawing-settings.js';
import { halfMask, inpaint, knownPixelsPsnr } from './inpainting.js';
import { restyleTasks } from './restyling.js';

/** What a model is asked to do. */
export const emojiTasks = ['drawing', 'captions', 'inpainting', 'restyling'] as const;

/** One of {@link emojiTasks}. */
export type EmojiTask = (typeof emojiTasks)[number];

/** The scores of each task that was asked for. */
export interface EmojiScores {
  /** Validation images drawn from their captions. */
  readonly drawing?: DrawingScores;
  /** Validation images named. */
  readonly captions?: CaptionScores;
  /** Halves of validation images drawn anew. */
  readonly inpainting?: InpaintingScores;
  /** Training images drawn in the style of validation ones. */
  readonly restyling?: JudgedShares;
}

/** Scores of drawing. */
export interface DrawingScores extends JudgedShares {
  /** Fréchet distance from the real validation images, if it was asked for. */
  readonly frechet?: number;
}

/** Scores of inpainting; the shares are of whole images, with what was known put back as it was. */
export interface InpaintingScores extends JudgedShares {
  /** Decibels of what was known against the image. */
  readonly psnrToImage: number;
  /** Decibels of what was known against what the model's codec makes of it. */
  readonly psnrToReconstruction: number;
}

/** How a model is scored. */
export interface ScoreOptions {
  readonly judge: Judge;
  readonly tasks: readonly EmojiTask[];
  /** Images of each task: the first validation ones, in an order that is always the same. */
  readonly count: number;
  readonly settings: DrawingSettings;
  /** For the Fréchet distance of what was drawn; left out by default. */
  readonly distance?: DistanceFromReal;
  /** Where a sheet of images for each task and `scores.json` go. */
  readonly folder: string;
}

/** Scores, and what a sheet shows of them. */
interface Scored<Scores> {
  readonly scores: Scores;
  readonly cells: readonly ContactSheetCell[];
}

/** Longer than any name with its style. */
const MAX_TOKENS = 32;

/** Cells of a sheet. */
const SHOWN = 96;

/** Does the tasks one after another. */
export async function scoreEmojiModel(trained: TrainedModel, options: ScoreOptions): Promise<EmojiScores> {
  const { count, tasks, folder } = options;
  await mkdir(folder, { recursive: true });
  const images = await validationImages(count);
  const scorers: Record<EmojiTask, () => Promise<Scored<object>>> = {
    drawing: () => scoreDrawing(trained, images, options),
    captions: () => scoreCaptions(trained, images),
    inpainting: () => scoreInpainting(trained, images, options),
    restyling: () => scoreRestyling(trained, options),
  };
  const scores: Record<string, object> = {};
  for (const task of tasks) {
    const { scores: ofTask, cells } = await scorers[task]();
    scores[task] = ofTask;
    await writePng(join(folder, `${task}.png`), await contactSheet(cells.slice(0, SHOWN)));
  }
  await writeFile(join(folder, 'scores.json'), `${JSON.stringify(scores, undefined, 2)}\n`);
  return scores;
}

async function scoreDrawing(
  trained: TrainedModel,
  images: readonly LabeledImage[],
  { judge, settings, distance }: ScoreOptions,
): Promise<Scored<DrawingScores>> {
  const captions = images.map(({ caption }) => caption);
  const drawn = await textToImage(trained, captions, settings);
  const shares = judgedShares(await judge(drawn), images);
  return {
    scores: distance === undefined ? shares : { ...shares, frechet: await distance(drawn) },
    cells: images.map(({ image, caption }, i) => ({ images: [image, drawn[i]], lines: [caption] })),
  };
}

async function scoreCaptions(
  trained: TrainedModel,
  images: readonly LabeledImage[],
): Promise<Scored<CaptionScores>> {
  const captions = await imageToText(trained, imagesOf(images), { maxTokens: MAX_TOKENS });
  return {
    scores: captionScores(captions, images),
    cells: images.map(({ image, caption }, i) => ({
      images: [image],
      lines: [captions[i], `(${caption})`],
    })),
  };
}

async function scoreInpainting(
  trained: TrainedModel,
  labeled: readonly LabeledImage[],
  { judge, settings }: ScoreOptions,
): Promise<Scored<InpaintingScores>> {
  const images = imagesOf(labeled);
  const masks = images.map((_, i) => halfMask(EMOJI_SIZE, i));
  const drawn = await inpaint(trained, labeled, masks, settings);
  const { codec } = trained.model.modalities.get('image') as ContinuousModality<string, RgbImage>;
  const given = images.map((image, i) => fillMasked(image, masks[i]));
  const reconstructed = await codec.decode(await codec.encode(given));
  const whole = drawn.map((image, i) => keepKnown(image, images[i], masks[i]));
  return {
    scores: {
      ...judgedShares(await judge(whole), labeled),
      psnrToImage: knownPixelsPsnr(drawn, images, masks),
      psnrToReconstruction: knownPixelsPsnr(drawn, reconstructed, masks),
    },
    cells: labeled.map(({ image, caption }, i) => ({ images: [image, whole[i]], lines: [caption] })),
  };
}

async function scoreRestyling(
  trained: TrainedModel,
  { judge, settings, count }: ScoreOptions,
): Promise<Scored<JudgedShares>> {
  const tasks = await restyleTasks(count);
  const targets = tasks.map(({ target }) => target);
  const edits = tasks.map(({ source, instruction }) => ({ image: source.image, instruction }));
  const drawn = await editImage(trained, edits, settings);
  return {
    scores: judgedShares(await judge(drawn), targets),
    cells: tasks.map(({ source, target }, i) => ({
      images: [source.image, target.image, drawn[i]],
      lines: [`${source.style} to ${target.caption}`],
    })),
  };
}

function imagesOf(images: readonly LabeledImage[]): RgbImage[] {
  return images.map(({ image }) => image);
}
