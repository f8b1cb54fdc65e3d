/** The emoji that experiments are about: 64 pixels a side, by the four artists whom models learn to imitate. */
import { fileURLToPath } from 'node:url';
import { emojiCaption, type EmojiDocuments, type EmojiStyleName } from '@transfusion/data';
import { emojiStyles } from '@transfusion/emoji';
import { resizeImage, type RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import { emojiSource } from '@transfusion/recipes';

/** Side of the pictures in pixels. */
export const EMOJI_SIZE = 64;

/** The folder whose `node_modules` hold the emoji packages. */
export const emojiPackages = fileURLToPath(new URL('..', import.meta.url));

/** A subject as one artist drew it. */
export interface LabelledPicture {
  readonly image: RgbImage;
  readonly subject: string;
  readonly style: string;
  /** `red apple, noto`. */
  readonly caption: string;
}

/** The pictures of some artists, without flags; those of the shipped model by default. */
export function openEmoji(
  split: 'train' | 'held-out',
  styles: readonly EmojiStyleName[] = emojiStyles,
): EmojiDocuments {
  return emojiSource(EMOJI_SIZE, { from: emojiPackages, styles, split, keywordShare: 0 });
}

/** Some pictures of a source, all by default, in its order. */
export async function labelledPictures(
  source: EmojiDocuments,
  indices: readonly number[] = [...source.pictures.keys()],
): Promise<LabelledPicture[]> {
  return Promise.all(
    indices.map(async (index) => {
      const { concept, style } = source.pictures[index];
      const { segments } = await source.read(index, createRng(0));
      const image = await resizeImage(segments.at(-1)!.value as RgbImage, EMOJI_SIZE, EMOJI_SIZE);
      return { image, subject: concept.name, style: style.name, caption: emojiCaption(concept, style) };
    }),
  );
}

/** The order in which held-out pictures are taken; always the same, so that the first few are a sample of all. */
export function heldOutIndices(source: EmojiDocuments): number[] {
  return [...createRng(1).fork('held-out').permutation(source.length)];
}

/**
 * The first held-out pictures, all by default. A model has seen each one's subject by other artists, and the
 * artist's other subjects.
 */
export async function heldOutPictures(count = Infinity): Promise<LabelledPicture[]> {
  const source = openEmoji('held-out');
  return labelledPictures(source, heldOutIndices(source).slice(0, count));
}
