/** What the trained model draws and says. */
import { generateDocuments, type Transfusion, type TransfusionParams } from '@transfusion/core';
import { encodeDocument } from '@transfusion/modality';
import { encodePng, type RgbImage } from '@transfusion/modality-image';
import { decodeDocument } from '@transfusion/recipes';
import { captionedPictures, pictureFor, type DemoSet } from './demo-set.js';
import type { Caption, Drawing } from './page/result.js';
import type { DemoSettings } from './settings.js';

interface Learned {
  readonly model: Transfusion;
  readonly params: TransfusionParams;
}

/** Prompts that anybody would try; subjects and styles vary apart. */
export const PROMPTS = [
  ...['red', 'orange', 'yellow', 'green', 'blue', 'purple'].map((colour) => `${colour} heart, noto`),
  ...['red', 'orange', 'yellow', 'green', 'blue', 'brown'].map((colour) => `${colour} circle, fluent`),
  ...['red', 'orange', 'yellow', 'green', 'blue', 'purple'].map((colour) => `${colour} square, twemoji`),
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

/** Draws the prompts. */
export async function drawPrompts(
  { model, params }: Learned,
  set: DemoSet,
  { numInferenceSteps, guidanceScale }: DemoSettings,
): Promise<Drawing[]> {
  const requests = await Promise.all(
    PROMPTS.map(async (prompt, seed) => ({
      prompt: await encodeDocument(model.modalities, { segments: [{ modality: 'text', value: prompt }] }),
      begin: { modality: 'image' },
      seed,
      maxTokens: 0,
      spans: { numInferenceSteps, guidanceScale },
    })),
  );
  const documents = await generateDocuments(model, params, requests);
  return Promise.all(
    documents.map(async (document, i): Promise<Drawing> => {
      const [{ value }] = await decodeDocument(model.modalities, document);
      const trained = await pictureFor(set.train, PROMPTS[i]);
      const heldOut = await pictureFor(set.heldOut, PROMPTS[i]);
      const reference = trained ?? heldOut;
      return {
        prompt: PROMPTS[i],
        png: await encodePng(value as RgbImage),
        reference: reference === undefined ? undefined : await encodePng(reference),
        heldOut: trained === undefined,
      };
    }),
  );
}

/** Describes held-out pictures. */
export async function captionHeldOut(
  { model, params }: Learned,
  { heldOut }: DemoSet,
  { captions, seed }: DemoSettings,
): Promise<Caption[]> {
  const pictures = await captionedPictures(heldOut, captions, seed);
  const requests = await Promise.all(
    pictures.map(async ({ image }, i) => ({
      prompt: await encodeDocument(model.modalities, { segments: [{ modality: 'image', value: image }] }),
      seed: i,
      minTokens: 1,
      maxTokens: 40,
      maxSpans: 0,
      tokens: { temperature: 0 },
    })),
  );
  const documents = await generateDocuments(model, params, requests);
  return Promise.all(
    documents.map(async (document, i) => ({
      png: await encodePng(pictures[i].image),
      said: (await decodeDocument(model.modalities, document)).map(({ value }) => String(value)).join(''),
      expected: pictures[i].caption,
    })),
  );
}
