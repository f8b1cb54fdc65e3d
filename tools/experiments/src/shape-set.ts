/**
 * The smallest useful set of real images: hearts, circles and squares in nine colors, in three styles, 16 pixels
 * a side.
 */
import { fileURLToPath } from 'node:url';
import type { DocumentSource } from '@transfusion/data';
import { emojiCaption, emojiDocuments, loadEmojiSet } from '@transfusion/emoji';
import { decodeImage, type RgbImage } from '@transfusion/modality-image';
import { createRng, type Rng } from '@transfusion/nn';

/** Side of the images in pixels. */
export const IMAGE_SIZE = 16;

export interface CaptionedImage {
  readonly caption: string;
  readonly image: RgbImage;
}

const NAME = /^(red|orange|yellow|green|blue|purple|brown|black|white) (heart|circle|square)$/;

/** Loads all images of the set with their captions: `red heart, noto`. */
export async function loadShapes(): Promise<CaptionedImage[]> {
  const resolveFrom = fileURLToPath(new URL('..', import.meta.url));
  const { concepts, styles } = loadEmojiSet({ size: IMAGE_SIZE, resolveFrom });
  const source = emojiDocuments({
    concepts: concepts
      .map((concept) => ({ ...concept, name: concept.name.replace(/ large(?= square)/, '') }))
      .filter(({ name }) => NAME.test(name)),
    styles,
    decode: (bytes) => decodeImage(bytes),
    split: 'all',
    keywordFraction: 0,
  });
  return Promise.all(
    source.images.map(async ({ concept, style }, index) => {
      const { segments } = await source.read(index, createRng(0));
      return { caption: emojiCaption(concept, style), image: segments.at(-1)!.value as RgbImage };
    }),
  );
}

/** Captions in training: each image's own, or each time that of a random image. */
export type Captions = 'true' | 'shuffled';

/** Creates training documents from the images. */
export function shapeDocuments(shapes: readonly CaptionedImage[], captions: Captions): DocumentSource {
  const captionOf = (index: number, rng: Rng): string =>
    shapes[captions === 'true' ? index : rng.integer(shapes.length)].caption;
  return {
    name: `shapes with ${captions} captions`,
    length: shapes.length,
    locate: (index) => shapes[index].caption,
    read: async (index, rng) => ({
      segments: [
        { modality: 'text', value: captionOf(index, rng) },
        { modality: 'image', value: shapes[index].image },
      ],
    }),
  };
}
