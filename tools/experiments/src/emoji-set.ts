/** The emoji that experiments are about: 64 pixels a side, in the four styles that models learn. */
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

/** An image of a subject in one style. */
export interface LabeledImage {
  readonly image: RgbImage;
  readonly subject: string;
  readonly style: string;
  /** `red apple, noto`. */
  readonly caption: string;
}

/** Opens the images of some styles, without flags; defaults to the styles of the shipped model. */
export function openEmoji(
  split: 'train' | 'validation',
  styles: readonly EmojiStyleName[] = emojiStyles,
): EmojiDocuments {
  return emojiSource(EMOJI_SIZE, { resolveFrom: emojiPackages, styles, split, keywordFraction: 0 });
}

/** Reads images of a source; defaults to all, in its order. */
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

/** Returns a fixed random order of the validation images, so that the first few are a sample of all. */
export function validationIndices(source: EmojiDocuments): number[] {
  return [...createRng(1).fork('held-out').permutation(source.length)];
}

/**
 * Reads the first validation images; defaults to all. A model has seen each one's subject in other styles, and the
 * style on other subjects.
 */
export async function validationImages(count = Infinity): Promise<LabeledImage[]> {
  const source = openEmoji('validation');
  return labeledImages(source, validationIndices(source).slice(0, count));
}
