/** A tiny model as Chameleon's: images as tokens, post-norm, z-loss; and its accuracy. No codec is trained for it. */
import { createEngine, createTransfusion, generateDocuments, transformerConfig } from '@transfusion/core';
import {
  createModalityRegistry,
  decodeDocument,
  encodeDocument,
  type DiscreteModality,
} from '@transfusion/modality';
import { isRgbImage, type RgbImage } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { IMAGE_SIZE, type CaptionedImage } from '../shape-set.js';
import { TINY_TRANSFORMER, type TinyModel } from '../tiny-run.js';

/** Side of a block, and the number of blocks in a row. */
const [SIDE, BLOCKS] = [4, IMAGE_SIZE / 4];

/** Levels of a color channel. */
const LEVELS = 4;

/** Tokens of an image. */
const NUM_TOKENS = BLOCKS ** 2;

/** Images as 4 × 4 blocks, a token for each of 64 mean colors. */
const colorBlocks: DiscreteModality<'image', RgbImage> = {
  specificationVersion: 'v1',
  kind: 'discrete',
  name: 'image',
  vocabSize: LEVELS ** 3,
  tokensPerValue: NUM_TOKENS,
  accepts: isRgbImage,
  encode: ({ data }) =>
    Int32Array.from({ length: NUM_TOKENS }, (_, block) => {
      const sums = [0, 0, 0];
      for (let i = 0; i < SIDE ** 2; i++) {
        for (let c = 0; c < 3; c++) sums[c] += data[3 * pixelOf(block, i) + c];
      }
      const levels = sums.map((sum) => Math.round(((LEVELS - 1) * sum) / (255 * SIDE ** 2)));
      return levels.reduce((id, level) => LEVELS * id + level, 0);
    }),
  decode: (ids) => {
    const data = new Uint8Array(3 * IMAGE_SIZE ** 2);
    ids.forEach((id, block) => {
      const levels = [Math.floor(id / LEVELS ** 2), Math.floor(id / LEVELS) % LEVELS, id % LEVELS];
      const color = levels.map((level) => (255 * level) / (LEVELS - 1));
      for (let i = 0; i < SIDE ** 2; i++) data.set(color, 3 * pixelOf(block, i));
    });
    return { width: IMAGE_SIZE, height: IMAGE_SIZE, data };
  },
};

/** Index of the i-th pixel of a block. */
function pixelOf(block: number, i: number): number {
  const y = Math.floor(block / BLOCKS) * SIDE + Math.floor(i / SIDE);
  const x = (block % BLOCKS) * SIDE + (i % SIDE);
  return y * IMAGE_SIZE + x;
}

/** Creates the model, for `trainTiny`. */
export function tinyChameleon() {
  return createTransfusion({
    transformer: transformerConfig({ ...TINY_TRANSFORMER, normPosition: 'post' }),
    modalities: createModalityRegistry(text(), colorBlocks),
    zLossWeight: 1e-5,
  });
}

/** Accuracy of images and captions. */
export interface TokenScores {
  /** Share of captions whose generated image is nearest to one of the prompted subject, as in `scoreModel`. */
  readonly imageAccuracy: number;
  /** Share of captions that match the subject's name exactly. */
  readonly captionAccuracy: number;
}

/** Generates an image for each caption, held to image tokens, and a caption for each image. */
export async function scoreTokenModel(
  { model, params }: TinyModel,
  shapes: readonly CaptionedImage[],
): Promise<TokenScores> {
  const encode = async (modality: string, value: unknown) =>
    encodeDocument(model.modalities, { segments: [{ modality, value }] });
  const captions = await Promise.all(shapes.map(({ caption }) => encode('text', caption)));
  const images = await Promise.all(shapes.map(({ image }) => encode('image', image)));
  const sampling = { temperature: 0 };
  const engine = createEngine(model, params);
  const documents = await generateDocuments(engine, [
    ...captions.map((prompt, seed) => ({
      prompt,
      seed,
      modalities: ['image'],
      minTokens: NUM_TOKENS,
      maxTokens: NUM_TOKENS,
      tokenSampling: sampling,
    })),
    ...images.map((prompt, seed) => ({
      prompt,
      seed,
      modalities: ['text'],
      minTokens: 1,
      maxTokens: 24,
      tokenSampling: sampling,
    })),
  ]);
  engine.dispose();
  const values = await Promise.all(
    documents.map(async (document) => (await decodeDocument(model.modalities, document))[0].value),
  );
  const pixels = images.map(
    ([segment]) => colorBlocks.decode((segment as { ids: Int32Array }).ids) as RgbImage,
  );
  const subjects = shapes.map(({ caption }) => subjectOf(caption));
  const nearest = (values.slice(0, shapes.length) as RgbImage[]).map(({ data }) => {
    const distances = pixels.map((image) => squaredError(image.data, data));
    return subjects[distances.indexOf(Math.min(...distances))];
  });
  const captioned = values.slice(shapes.length).map((caption) => subjectOf(String(caption)));
  const share = (found: readonly string[]): number =>
    found.filter((subject, i) => subject === subjects[i]).length / subjects.length;
  return { imageAccuracy: share(nearest), captionAccuracy: share(captioned) };
}

/** `red heart` of `red heart, noto`. */
function subjectOf(caption: string): string {
  return caption.split(',')[0];
}

function squaredError(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
}
