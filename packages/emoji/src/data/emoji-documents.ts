/**
 * Emoji in several styles: pairs of a caption ("red apple, noto") and an image. The validation set consists of
 * (subject, style) pairs: the model has seen the subject in other styles, and the style on other subjects, but never
 * this image.
 */
import { createHash } from 'node:crypto';
import { decodeFile, hashValue, type DocumentSource } from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import type { Document, Segment } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { EmojiConcept } from './emoji-concepts.js';
import type { EmojiStyle } from './emoji-style.js';

/** A subject in one style. */
export interface EmojiImage {
  readonly concept: EmojiConcept;
  readonly style: EmojiStyle;
}

/** A source of captioned images, with the subject and style of each record. */
export interface EmojiDocuments extends DocumentSource {
  readonly images: readonly EmojiImage[];
}

/** Options of {@link emojiDocuments}. */
export interface EmojiDocumentsOptions {
  readonly concepts: readonly EmojiConcept[];
  readonly styles: readonly EmojiStyle[];
  /** Decodes an image file into the value of an `image` segment. */
  readonly decode: (bytes: Uint8Array) => Promise<unknown>;
  /** The (subject, style) pairs to include. */
  readonly split: 'train' | 'validation' | 'all';
  /** Fraction of pairs in the validation set; defaults to 0.1. */
  readonly validationFraction?: number;
  /** Fraction of captions that use keywords instead of the name; defaults to 0.3. */
  readonly keywordFraction?: number;
}

/**
 * Returns captioned images as documents. Each image is decoded once and kept in memory.
 *
 * In the training split, the style in the caption has `trainable: false` for subjects with an image in the validation
 * set. Otherwise the model would learn which styles are missing for a subject, and never caption its validation image
 * correctly.
 *
 * @throws TransfusionError `invalid-argument` if there are no images
 */
export function emojiDocuments(options: EmojiDocumentsOptions): EmojiDocuments {
  const { concepts, styles, decode, split, validationFraction, keywordFraction = 0.3 } = options;
  const isInSplit = ({ concept, style }: EmojiImage): boolean =>
    split === 'all' || isInValidation(concept, style, validationFraction) === (split === 'validation');
  const all = concepts.flatMap((concept) =>
    styles
      .filter((style) => style.file(concept.character) !== undefined)
      .map((style) => ({ concept, style })),
  );
  const images = all.filter(isInSplit);
  const partlyHeldOut = new Set(
    split === 'train' ? all.filter((image) => !isInSplit(image)).map(({ concept }) => concept) : [],
  );
  if (images.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      `emojiDocuments: none of the ${styles.length} styles has an image of the ${concepts.length} subjects (split '${split}'). ` +
        'Pass other styles or subjects, or another split.',
    );
  }
  const decoded = new Map<number, Promise<unknown>>();
  const decodeImage = (index: number): Promise<unknown> => {
    const { concept, style } = images[index];
    const name = describeImage(images[index]);
    const image = decoded.get(index) ?? decodeFile(decode, style.file(concept.character)!, name);
    decoded.set(index, image);
    return image;
  };
  return {
    name: `emoji ${split}`,
    length: images.length,
    images,
    locate: (index) => describeImage(images[index]),
    dataHash: async () => hashValue(images.map(({ concept, style }) => style.file(concept.character))),
    read: async (index, rng, { without } = {}): Promise<Document> => {
      const { concept, style } = images[index];
      const caption = emojiCaption(concept, style, rng.uniform() < keywordFraction ? rng : undefined);
      return {
        segments: [
          ...(partlyHeldOut.has(concept)
            ? withUntrainedStyle(caption, style)
            : [{ modality: 'text', value: caption }]),
          { modality: 'image', value: without === 'image' ? undefined : await decodeImage(index) },
        ],
      };
    },
  };
}

function describeImage({ concept, style }: EmojiImage): string {
  return `${concept.character} in ${style.name}`;
}

/** Returns a caption such as `red apple, noto`; with `rng`, with up to three keywords instead of the name. */
export function emojiCaption({ name, keywords }: EmojiConcept, style: EmojiStyle, rng?: Rng): string {
  if (rng === undefined || keywords.length === 0) return `${name}, ${style.name}`;
  const count = 1 + rng.integer(Math.min(3, keywords.length));
  const words = [...rng.permutation(keywords.length).subarray(0, count)].map((index) => keywords[index]);
  return `${words.join(' ')}, ${style.name}`;
}

/** Splits a caption into two segments; the one with the style is not trainable. */
function withUntrainedStyle(caption: string, { name }: EmojiStyle): Segment[] {
  const suffix = `, ${name}`;
  return [
    { modality: 'text', value: caption.slice(0, -suffix.length) },
    { modality: 'text', value: suffix, trainable: false },
  ];
}

/** Returns true for a pair in the validation set, chosen by a hash so that it is the same on every machine. */
export function isInValidation({ character }: EmojiConcept, { name }: EmojiStyle, fraction = 0.1): boolean {
  const hash = createHash('sha256').update(`${character} ${name}`).digest();
  return hash.readUInt32BE() / 2 ** 32 < fraction;
}
