/** The emoji that the demo trains on: subjects that color and shape tell apart. */
import { fileURLToPath } from 'node:url';
import { captionPairs, type MixturePart } from '@transfusion/data';
import { emojiDocuments, loadEmojiSet, type EmojiDocuments } from '@transfusion/emoji';
import { decodeImage, type RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';

/** Words that select emoji by name; a three-minute run cannot learn all 1,900 subjects. */
const WORDS =
  /\b(heart|circle|square|apple|star|grinning|smiling|cat|moon|flower|tangerine|lemon|strawberry|cherries|grapes|tomato|balloon|sun|tree|leaf)\b/;

export interface DemoSet {
  readonly train: EmojiDocuments;
  readonly validation: EmojiDocuments;
  /** Training sources for a recipe. */
  readonly sources: () => readonly MixturePart[];
}

/** An image with its caption. */
export interface Captioned {
  readonly caption: string;
  readonly image: RgbImage;
}

/** Opens the set. Images are rendered when first read, then cached. */
export function openDemoSet(imageSize: number): DemoSet {
  const from = fileURLToPath(new URL('..', import.meta.url));
  const { concepts, styles } = loadEmojiSet({ size: imageSize, resolveFrom: from });
  const options = {
    concepts: concepts.filter(({ name, group }) => WORDS.test(name) && group !== 'Flags'),
    styles,
    decode: (bytes: Uint8Array) => decodeImage(bytes),
    keywordFraction: 0.15,
  };
  const train = emojiDocuments({ ...options, split: 'train' });
  const validation = emojiDocuments({ ...options, split: 'validation' });
  return {
    train,
    validation,
    sources: () => [{ source: train, transform: captionPairs({ captionFirst: 0.7 }) }],
  };
}

/** Returns `count` images of a source in an order fixed by the seed, with their names as captions. */
export async function captionedImages(
  source: EmojiDocuments,
  count: number,
  seed: number,
): Promise<Captioned[]> {
  const order = createRng(seed).permutation(source.length).subarray(0, count);
  return Promise.all([...order].map((index) => captionedImage(source, index)));
}

/** Returns the original image for a caption such as `red heart, noto`; undefined if the source has none. */
export async function imageFor(source: EmojiDocuments, caption: string): Promise<RgbImage | undefined> {
  const index = source.images.findIndex(({ concept, style }) => `${concept.name}, ${style.name}` === caption);
  return index < 0 ? undefined : (await captionedImage(source, index)).image;
}

async function captionedImage(source: EmojiDocuments, index: number): Promise<Captioned> {
  const { concept, style } = source.images[index];
  const { segments } = await source.read(index, createRng(0));
  return { caption: `${concept.name}, ${style.name}`, image: segments.at(-1)!.value as RgbImage };
}
