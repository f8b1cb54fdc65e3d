/** The emoji that experiments are about: 64 pixels a side, by the four artists whom models learn to imitate. */
import { fileURLToPath } from 'node:url';
import {
  emojiCaption,
  emojiSource,
  emojiStyles,
  type EmojiDocuments,
  type EmojiStyleName,
} from '@transfusion/emoji';
import { resizeImage, type RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';

/** Side of the images in pixels. */
export const EMOJI_SIZE = 64;

/** The folder whose `node_modules` hold the emoji packages. */
export const emojiPackages = fileURLToPath(new URL('..', import.meta.url));

/** A subject as one artist drew it. */
export interface LabeledImage {
  readonly image: RgbImage;
  readonly subject: string;
  readonly style: string;
  /** `red apple, noto`. */
  readonly caption: string;
}

/** The images of some artists, without flags; those of the shipped model by default. */
export function openEmoji(
  split: 'train' | 'validation',
  styles: readonly EmojiStyleName[] = emojiStyles,
): EmojiDocuments {
  return emojiSource(EMOJI_SIZE, { resolveFrom: emojiPackages, styles, split, keywordShare: 0 });
}

/** Some images of a source, all by default, in its order. */
export async function labeledImages(
  source: EmojiDocuments,
  indices: readonly number[] = [...source.images.keys()],
): Promise<LabeledImage[]> {
  return Promise.all(
    indices.map(async (index) => {
      const { concept, style } = source.images[index];
      const { segments } = await source.read(index, createRng(0));
      const image = await resizeImage(segments.at(-1)!.value as RgbImage, EMOJI_SIZE, EMOJI_SIZE);
      return { image, subject: concept.name, style: style.name, caption: emojiCaption(concept, style) };
    }),
  );
}

/** The order in which validation images are taken; always the same, so that the first few are a sample of all. */
export function validationIndices(source: EmojiDocuments): number[] {
  return [...createRng(1).fork('held-out').permutation(source.length)];
}

/**
 * The first validation images, all by default. A model has seen each one's subject by other artists, and the
 * artist's other subjects.
 */
export async function validationImages(count = Infinity): Promise<LabeledImage[]> {
  const source = openEmoji('validation');
  return labeledImages(source, validationIndices(source).slice(0, count));
}
