/** How well a model draws what a text says, and says what an image shows; both from 0 to 1. */
import { generateDocuments } from '@transfusion/core';
import { decodeDocument, encodeDocument, type Latent } from '@transfusion/modality';
import type { CaptionedImage } from './shape-set.js';
import type { TinyModel } from './tiny-run.js';

export interface Scores {
  /**
   * Share of captions for which the image drawn is nearer (in pixels) to an image of what was asked
   * for, in any style, than to any image of something else. Chance is the share of a subject.
   */
  readonly draws: number;
  /** Mean squared error of the images drawn against the artist's, pixels from -1 to 1. */
  readonly drawingError: number;
  /** Share of images of which it says the subject's name, letter for letter. */
  readonly says: number;
}

/** Draws each caption once and describes each image once. */
export async function scoreModel(tiny: TinyModel, shapes: readonly CaptionedImage[]): Promise<Scores> {
  const latents = await latentsOf(tiny, shapes);
  const drawn = await draw(tiny, shapes);
  const said = await say(tiny, latents);
  const subjects = shapes.map(({ caption }) => subjectOf(caption));
  const nearest = drawn.map(({ data }) => {
    const distances = latents.map((latent) => meanSquaredError(latent.data, data));
    return subjects[distances.indexOf(Math.min(...distances))];
  });
  return {
    draws: mean(nearest.map((subject, i) => Number(subject === subjects[i]))),
    drawingError: mean(drawn.map(({ data }, i) => meanSquaredError(data, latents[i].data))),
    says: mean(said.map((caption, i) => Number(subjectOf(caption) === subjects[i]))),
  };
}

async function latentsOf({ model }: TinyModel, shapes: readonly CaptionedImage[]): Promise<Latent[]> {
  return Promise.all(
    shapes.map(async ({ image }) => {
      const [segment] = await encodeDocument(model.modalities, {
        segments: [{ modality: 'image', value: image }],
      });
      return (segment as { latent: Latent }).latent;
    }),
  );
}

async function draw({ model, params }: TinyModel, shapes: readonly CaptionedImage[]): Promise<Latent[]> {
  const requests = await Promise.all(
    shapes.map(async ({ caption }, seed) => ({
      prompt: await encodeDocument(model.modalities, { segments: [{ modality: 'text', value: caption }] }),
      begin: { modality: 'image' },
      seed,
      maxTokens: 0,
      spans: { numInferenceSteps: 10, guidanceScale: 2 },
    })),
  );
  const documents = await generateDocuments(model, params, requests);
  return documents.map((document) => (document[0] as { latent: Latent }).latent);
}

async function say({ model, params }: TinyModel, latents: readonly Latent[]): Promise<string[]> {
  const requests = latents.map((latent, seed) => ({
    prompt: [{ modality: 'image', latent }],
    seed,
    minTokens: 1,
    maxTokens: 24,
    maxSpans: 0,
    tokens: { temperature: 0 },
  }));
  const documents = await generateDocuments(model, params, requests);
  return Promise.all(
    documents.map(async (document) => {
      const [caption] = await decodeDocument(model.modalities, document);
      return String(caption.value);
    }),
  );
}

/** `red heart` of `red heart, noto`. */
function subjectOf(caption: string): string {
  return caption.split(',')[0];
}

function meanSquaredError(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
