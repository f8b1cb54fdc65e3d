/** What a model answers to many requests. */
import { generateDocuments, type GenerationRequest } from '@transfusion/core';
import { decodeDocument, encodeDocument, type EncodedDocument, type Latent } from '@transfusion/modality';
import { isRgbImage, type RgbImage } from '@transfusion/modality-image';
import { invariant } from '@transfusion/nn';
import type { LoadedModel } from '@transfusion/recipes';

/** Requests that go through the model together; with guidance each is two rows. */
const REQUESTS_AT_A_TIME = 32;

/** A request is made when its turn comes, for its place. */
export type RequestAt = (index: number) => Promise<GenerationRequest>;

/** The picture that each request ends with. */
export async function generatePictures(
  loaded: LoadedModel,
  count: number,
  requestAt: RequestAt,
): Promise<RgbImage[]> {
  const answers = await generateValues(loaded, count, requestAt);
  return answers.map((values) => {
    const picture = values.find(isRgbImage);
    invariant(picture !== undefined, () => 'the model drew no picture');
    return picture;
  });
}

/** The text that each request ends with; empty if the model says nothing. */
export async function generateTexts(
  loaded: LoadedModel,
  count: number,
  requestAt: RequestAt,
): Promise<string[]> {
  const answers = await generateValues(loaded, count, requestAt);
  return answers.map((values) => values.filter((value) => typeof value === 'string').join(''));
}

async function generateValues(
  { model, params }: LoadedModel,
  count: number,
  requestAt: RequestAt,
): Promise<unknown[][]> {
  const answers: unknown[][] = [];
  while (answers.length < count) {
    const places = Array.from(
      { length: Math.min(REQUESTS_AT_A_TIME, count - answers.length) },
      (_, i) => answers.length + i,
    );
    const documents = await generateDocuments(model, params, await Promise.all(places.map(requestAt)));
    for (const document of documents) {
      const segments = await decodeDocument(model.modalities, document);
      answers.push(segments.map(({ value }) => value));
    }
  }
  return answers;
}

/** Texts and pictures in the model's terms. */
export function encodeValues(
  { model }: LoadedModel,
  values: readonly (string | RgbImage)[],
): Promise<EncodedDocument> {
  const segments = values.map((value) => ({
    modality: typeof value === 'string' ? 'text' : 'image',
    value,
  }));
  return encodeDocument(model.modalities, { segments });
}

/** The latent of a picture. */
export async function latentOf(loaded: LoadedModel, picture: RgbImage): Promise<Latent> {
  const [segment] = await encodeValues(loaded, [picture]);
  invariant('latent' in segment, () => 'pictures have no latents');
  return segment.latent;
}
