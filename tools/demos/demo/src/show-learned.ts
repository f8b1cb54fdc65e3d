/** What the trained model draws and says, and beside it the model that ships. */
import { loadEmoji } from '@transfusion/emoji';
import { encodePng, type RgbImage } from '@transfusion/modality-image';
import { editImage, imageToText, textToImage, type TrainedModel } from '@transfusion/pipelines';
import { captionedImages, openDemoSet, imageFor, type DemoSet } from './demo-set.js';
import type { Caption, Drawing, Edit } from './page/result.js';
import type { DemoSettings } from './settings.js';

/** Prompts that anybody would try; subjects and styles vary apart. */
export const PROMPTS = [
  ...['red', 'orange', 'yellow', 'green', 'blue', 'purple'].map((color) => `${color} heart, noto`),
  ...['red', 'orange', 'yellow', 'green', 'blue', 'brown'].map((color) => `${color} circle, fluent`),
  ...['red', 'orange', 'yellow', 'green', 'blue', 'purple'].map((color) => `${color} square, twemoji`),
  'red apple, noto',
  'red apple, fluent',
  'green apple, twemoji',
  'grinning face, noto',
  'grinning face, fluent',
  'tangerine, noto',
  'sun, fluent',
  'evergreen tree, noto',
  'cat face, twemoji',
  'lemon, fluent',
  'strawberry, noto',
  'full moon, twemoji',
];

/** What the model that ships is asked to make of validation images. */
const INSTRUCTIONS = [
  'draw this in the noto style',
  'draw this in the twemoji style',
  'draw this in the fluent-3d style',
  'mirror it',
  'make it grey',
  'swap red and blue',
];

/** The shipped model's images have this side, in pixels. */
const SHIPPED_SIZE = 64;

/** What a model made of the demo's prompts and images. */
export interface Learned {
  /** One for each of {@link PROMPTS}. */
  readonly drawn: readonly RgbImage[];
  /** What it says of validation images. */
  readonly said: readonly string[];
}

/** Draws the prompts and describes validation images. */
export async function showLearned(
  trained: TrainedModel,
  { validation }: DemoSet,
  { numInferenceSteps, guidanceScale, captions, seed }: DemoSettings,
): Promise<Learned> {
  const images = await captionedImages(validation, captions, seed);
  return {
    drawn: await textToImage(trained, PROMPTS, { numInferenceSteps, guidanceScale }),
    said: await imageToText(
      trained,
      images.map(({ image }) => image),
      { maxTokens: 40 },
    ),
  };
}

/** The same with the model that ships, and its edits. */
export async function showShipped(settings: DemoSettings): Promise<Learned & { readonly edits: Edit[] }> {
  const { numInferenceSteps, guidanceScale, seed } = settings;
  const set = openDemoSet(SHIPPED_SIZE);
  const emoji = await loadEmoji();
  try {
    const learned = await showLearned(emoji, set, settings);
    const sources = await captionedImages(set.validation, INSTRUCTIONS.length, seed);
    const edits = sources.map(({ image }, i) => ({ image: image, instruction: INSTRUCTIONS[i] }));
    const edited = await editImage(emoji, edits, { numInferenceSteps, guidanceScale });
    const cards = edits.map(async ({ image, instruction }, i): Promise<Edit> => ({
      before: await encodePng(image),
      instruction,
      after: await encodePng(edited[i]),
    }));
    return { ...learned, edits: await Promise.all(cards) };
  } finally {
    emoji.dispose();
  }
}

/** Both models' drawings with the artists'. */
export function drawingsOf(set: DemoSet, learned: Learned, shipped: Learned): Promise<Drawing[]> {
  const drawings = PROMPTS.map(async (prompt, i): Promise<Drawing> => {
    const trained = await imageFor(set.train, prompt);
    const reference = trained ?? (await imageFor(set.validation, prompt));
    return {
      prompt,
      png: await encodePng(learned.drawn[i]),
      shipped: await encodePng(shipped.drawn[i]),
      reference: reference === undefined ? undefined : await encodePng(reference),
      validation: trained === undefined,
    };
  });
  return Promise.all(drawings);
}

/** What both models say of validation images. */
export async function captionsOf(
  { validation }: DemoSet,
  learned: Learned,
  shipped: Learned,
  { captions, seed }: DemoSettings,
): Promise<Caption[]> {
  const images = await captionedImages(validation, captions, seed);
  return Promise.all(
    images.map(async ({ image, caption }, i) => ({
      png: await encodePng(image),
      said: learned.said[i],
      shipped: shipped.said[i],
      expected: caption,
    })),
  );
}
