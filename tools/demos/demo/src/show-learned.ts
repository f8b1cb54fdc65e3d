/** Images and captions of the trained model, and beside them those of the shipped model. */
import { loadEmoji } from '@transfusion/emoji';
import { encodePng, type RgbImage } from '@transfusion/modality-image';
import { editImage, imageToText, textToImage, type TrainedModel } from '@transfusion/pipelines';
import { captionedImages, openDemoSet, imageFor, type DemoSet } from './demo-set.js';
import type { Caption, Edit, Generation } from './page/result.js';
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

/** Edits of validation images by the shipped model. */
const INSTRUCTIONS = [
  'draw this in the noto style',
  'draw this in the twemoji style',
  'draw this in the fluent-3d style',
  'mirror it',
  'make it grey',
  'swap red and blue',
];

/** Side of the shipped model's images, in pixels. */
const SHIPPED_SIZE = 64;

/** Outputs of a model for the demo's prompts and validation images. */
export interface ModelOutputs {
  /** One for each of {@link PROMPTS}. */
  readonly images: readonly RgbImage[];
  /** Captions of validation images. */
  readonly captions: readonly string[];
}

/** Generates an image of each prompt, and captions validation images. */
export async function showLearned(
  trained: TrainedModel,
  { validation }: DemoSet,
  { numInferenceSteps, guidanceScale, captions, seed }: DemoSettings,
): Promise<ModelOutputs> {
  const images = await captionedImages(validation, captions, seed);
  return {
    images: await textToImage(trained, PROMPTS, { numInferenceSteps, guidanceScale }),
    captions: await imageToText(
      trained,
      images.map(({ image }) => image),
      { maxTokens: 40 },
    ),
  };
}

/** Does the same with the shipped model, and edits validation images with it. */
export async function showShipped(
  settings: DemoSettings,
): Promise<ModelOutputs & { readonly edits: Edit[] }> {
  const { numInferenceSteps, guidanceScale, seed } = settings;
  const set = openDemoSet(SHIPPED_SIZE);
  const emoji = await loadEmoji();
  try {
    const outputs = await showLearned(emoji, set, settings);
    const sources = await captionedImages(set.validation, INSTRUCTIONS.length, seed);
    const edits = sources.map(({ image }, i) => ({ image, instruction: INSTRUCTIONS[i] }));
    const edited = await editImage(emoji, edits, { numInferenceSteps, guidanceScale });
    const cards = edits.map(async ({ image, instruction }, i): Promise<Edit> => ({
      before: await encodePng(image),
      instruction,
      after: await encodePng(edited[i]),
    }));
    return { ...outputs, edits: await Promise.all(cards) };
  } finally {
    emoji.dispose();
  }
}

/** Pairs both models' images of each prompt with the original. */
export function compareGenerations(
  set: DemoSet,
  learned: ModelOutputs,
  shipped: ModelOutputs,
): Promise<Generation[]> {
  const generations = PROMPTS.map(async (prompt, i): Promise<Generation> => {
    const trained = await imageFor(set.train, prompt);
    const reference = trained ?? (await imageFor(set.validation, prompt));
    return {
      prompt,
      png: await encodePng(learned.images[i]),
      shipped: await encodePng(shipped.images[i]),
      reference: reference === undefined ? undefined : await encodePng(reference),
      validation: trained === undefined,
    };
  });
  return Promise.all(generations);
}

/** Pairs both models' captions of validation images with the references. */
export async function compareCaptions(
  { validation }: DemoSet,
  learned: ModelOutputs,
  shipped: ModelOutputs,
  { captions, seed }: DemoSettings,
): Promise<Caption[]> {
  const images = await captionedImages(validation, captions, seed);
  return Promise.all(
    images.map(async ({ image, caption }, i) => ({
      png: await encodePng(image),
      generated: learned.captions[i],
      shipped: shipped.captions[i],
      expected: caption,
    })),
  );
}
