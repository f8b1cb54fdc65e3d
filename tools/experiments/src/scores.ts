/** Accuracy of a model's images and captions. */
import { createEngine, generateDocuments } from '@transfusion/core';
import { decodeDocument, encodeDocument, type Latent } from '@transfusion/modality';
import type { CaptionedImage } from './shape-set.js';
import type { TinyModel } from './tiny-run.js';

export interface Scores {
  /**
   * Share of captions whose generated image is nearer (in pixels) to an image of the prompted subject, in any
   * style, than to any image of another one. Chance is the share of a subject.
   */
  readonly imageAccuracy: number;
  /** Mean squared error of the generated images against the real ones, pixels from -1 to 1. */
  readonly imageError: number;
  /** Share of captions that match the subject's name exactly. */
  readonly captionAccuracy: number;
}

/** Generates an image for each caption, and a caption for each image. */
export async function scoreModel(tiny: TinyModel, shapes: readonly CaptionedImage[]): Promise<Scores> {
  const latents = await latentsOf(tiny, shapes);
  const generated = await generateImages(tiny, shapes);
  const captions = await generateCaptions(tiny, latents);
  const subjects = shapes.map(({ caption }) => subjectOf(caption));
  const nearest = generated.map(({ data }) => {
    const distances = latents.map((latent) => meanSquaredError(latent.data, data));
    return subjects[distances.indexOf(Math.min(...distances))];
  });
  return {
    imageAccuracy: mean(nearest.map((subject, i) => Number(subject === subjects[i]))),
    imageError: mean(generated.map(({ data }, i) => meanSquaredError(data, latents[i].data))),
    captionAccuracy: mean(captions.map((caption, i) => Number(subjectOf(caption) === subjects[i]))),
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

async function generateImages(
  { model, params }: TinyModel,
  shapes: readonly CaptionedImage[],
): Promise<Latent[]> {
  const requests = await Promise.all(
    shapes.map(async ({ caption }, seed) => ({
      prompt: await encodeDocument(model.modalities, { segments: [{ modality: 'text', value: caption }] }),
      firstSpan: { modality: 'image' },
      seed,
      maxTokens: 0,
      spanSampling: { numInferenceSteps: 10, guidanceScale: 2 },
    })),
  );
  const engine = createEngine(model, params);
  const documents = await generateDocuments(engine, requests);
  engine.dispose();
  return documents.map((document) => (document[0] as { latent: Latent }).latent);
}

async function generateCaptions({ model, params }: TinyModel, latents: readonly Latent[]): Promise<string[]> {
  const requests = latents.map((latent, seed) => ({
    prompt: [{ modality: 'image', latent }],
    seed,
    minTokens: 1,
    maxTokens: 24,
    maxSpans: 0,
    tokenSampling: { temperature: 0 },
  }));
  const engine = createEngine(model, params);
  const documents = await generateDocuments(engine, requests);
  engine.dispose();
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
