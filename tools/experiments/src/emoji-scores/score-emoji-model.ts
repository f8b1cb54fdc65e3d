/** Scores of a model of emoji, task by task, with sheets of its images. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillMasked, keepKnown, writePng, type RgbImage } from '@transfusion/modality-image';
import type { ContinuousModality } from '@transfusion/modality';
import { editImage, imageToText, textToImage, type TrainedModel } from '@transfusion/pipelines';
import { EMOJI_SIZE, validationImages, type LabeledImage } from '../emoji-set.js';
import type { Judge } from '../judge/judge.js';
import { judgedShares, type JudgedShares } from '../judge/judged-shares.js';
import { captionScores, type CaptionScores } from './caption-scores.js';
import { contactSheet, type ContactSheetCell } from './contact-sheet.js';
import type { DistanceFromReal } from './distance-from-real.js';
import { editTasks } from './edit-tasks.js';
import type { GenerationSettings } from './generation-settings.js';
import { halfMask, inpaint, knownPixelsPsnr } from './inpainting.js';

/** The tasks that can be scored. */
export const emojiTasks = ['text-to-image', 'captioning', 'inpainting', 'editing'] as const;

/** One of {@link emojiTasks}. */
export type EmojiTask = (typeof emojiTasks)[number];

/** Scores by task. */
export interface EmojiScores {
  /** Images generated for the captions of validation images. */
  readonly 'text-to-image'?: TextToImageScores;
  /** Captions of validation images. */
  readonly captioning?: CaptionScores;
  /** Halves of validation images. */
  readonly inpainting?: InpaintingScores;
  /** Training images edited into the style of validation ones. */
  readonly editing?: JudgedShares;
}

/** Scores of text-to-image. */
export interface TextToImageScores extends JudgedShares {
  /** Fréchet distance from the real validation images; absent without `ScoreOptions.distance`. */
  readonly frechet?: number;
}

/** Scores of inpainting; the shares are of images whose known pixels are restored. */
export interface InpaintingScores extends JudgedShares {
  /** Decibels of the known pixels against the image. */
  readonly psnrToImage: number;
  /** Decibels of the known pixels against the codec's reconstruction. */
  readonly psnrToReconstruction: number;
}

/** Options of {@link scoreEmojiModel}. */
export interface ScoreOptions {
  readonly judge: Judge;
  readonly tasks: readonly EmojiTask[];
  /** Images of each task: the first validation ones, in a fixed order. */
  readonly count: number;
  readonly settings: GenerationSettings;
  /** Measures the Fréchet distance of generated images; without it that score is absent. */
  readonly distance?: DistanceFromReal;
  /** Receives a sheet of images for each task, and `scores.json`. */
  readonly folder: string;
}

/** Scores, and the cells of their sheet. */
interface Scored<Scores> {
  readonly scores: Scores;
  readonly cells: readonly ContactSheetCell[];
}

/** Longer than any caption. */
const MAX_TOKENS = 32;

/** Number of cells on a sheet. */
const SHOWN = 96;

/** Scores the tasks one after another. */
export async function scoreEmojiModel(trained: TrainedModel, options: ScoreOptions): Promise<EmojiScores> {
  const { count, tasks, folder } = options;
  await mkdir(folder, { recursive: true });
  const images = await validationImages(count);
  const scorers: Record<EmojiTask, () => Promise<Scored<object>>> = {
    'text-to-image': () => scoreTextToImage(trained, images, options),
    captioning: () => scoreCaptioning(trained, images),
    inpainting: () => scoreInpainting(trained, images, options),
    editing: () => scoreEditing(trained, options),
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

async function scoreTextToImage(
  trained: TrainedModel,
  images: readonly LabeledImage[],
  { judge, settings, distance }: ScoreOptions,
): Promise<Scored<TextToImageScores>> {
  const captions = images.map(({ caption }) => caption);
  const generated = await textToImage(trained, captions, settings);
  const shares = judgedShares(await judge(generated), images);
  return {
    scores: distance === undefined ? shares : { ...shares, frechet: await distance(generated) },
    cells: images.map(({ image, caption }, i) => ({ images: [image, generated[i]], lines: [caption] })),
  };
}

async function scoreCaptioning(
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
  const inpainted = await inpaint(trained, labeled, masks, settings);
  const { codec } = trained.model.modalities.get('image') as ContinuousModality<string, RgbImage>;
  const masked = images.map((image, i) => fillMasked(image, masks[i]));
  const reconstructed = await codec.decode(await codec.encode(masked));
  const whole = inpainted.map((image, i) => keepKnown(image, images[i], masks[i]));
  return {
    scores: {
      ...judgedShares(await judge(whole), labeled),
      psnrToImage: knownPixelsPsnr(inpainted, images, masks),
      psnrToReconstruction: knownPixelsPsnr(inpainted, reconstructed, masks),
    },
    cells: labeled.map(({ image, caption }, i) => ({ images: [image, whole[i]], lines: [caption] })),
  };
}

async function scoreEditing(
  trained: TrainedModel,
  { judge, settings, count }: ScoreOptions,
): Promise<Scored<JudgedShares>> {
  const tasks = await editTasks(count);
  const targets = tasks.map(({ target }) => target);
  const edits = tasks.map(({ source, instruction }) => ({ image: source.image, instruction }));
  const edited = await editImage(trained, edits, settings);
  return {
    scores: judgedShares(await judge(edited), targets),
    cells: tasks.map(({ source, target }, i) => ({
      images: [source.image, target.image, edited[i]],
      lines: [`${source.style} to ${target.caption}`],
    })),
  };
}

function imagesOf(images: readonly LabeledImage[]): RgbImage[] {
  return images.map(({ image }) => image);
}
