/**
 * Emoji as several artists draw them: pairs of a caption ("red apple, noto") and an image. The same
 * subject comes in several styles, and some (subject, style) pairs are held out: the model has seen
 * the subject in other styles, and the style on other subjects, but never this image.
 */
import { createHash } from 'node:crypto';
import { decodeFile, hashValue, type DocumentSource } from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import type { Document, Segment } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { EmojiConcept } from './emoji-concepts.js';
import type { EmojiStyle } from './emoji-style.js';

/** A subject as one artist drew it. */
export interface EmojiImage {
  readonly concept: EmojiConcept;
  readonly style: EmojiStyle;
}

/** The source, with what it has images of. */
export interface EmojiDocuments extends DocumentSource {
  readonly images: readonly EmojiImage[];
}

/** Which images {@link emojiDocuments} holds, and how they are captioned. */
export interface EmojiDocumentsOptions {
  readonly concepts: readonly EmojiConcept[];
  readonly styles: readonly EmojiStyle[];
  /** Makes the value of an `image` segment from an image file's bytes. */
  readonly decode: (bytes: Uint8Array) => Promise<unknown>;
  /** Which pairs: those to train on, those held out, or all. */
  readonly split: 'train' | 'validation' | 'all';
  /** The share held out; 0.1 by default. */
  readonly validationShare?: number;
  /** How often a caption uses keywords instead of the name; 0.3 by default. */
  readonly keywordShare?: number;
}

/**
 * Images with captions. Each is decoded once and kept.
 *
 * In the training split, the style in the caption has `trainable: false` for subjects of which an image is held
 * out: a model that was trained to write it would learn which images are missing, and take these for anything else.
 *
 * @throws TransfusionError `invalid-argument` if no image is left
 */
export function emojiDocuments(options: EmojiDocumentsOptions): EmojiDocuments {
  const { concepts, styles, decode, split, validationShare, keywordShare = 0.3 } = options;
  const isInSplit = ({ concept, style }: EmojiImage): boolean =>
    split === 'all' || isInValidation(concept, style, validationShare) === (split === 'validation');
  const drawn = concepts.flatMap((concept) =>
    styles
      .filter((style) => style.file(concept.character) !== undefined)
      .map((style) => ({ concept, style })),
  );
  const images = drawn.filter(isInSplit);
  const incomplete = new Set(
    split === 'train' ? drawn.filter((image) => !isInSplit(image)).map(({ concept }) => concept) : [],
  );
  if (images.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      `emojiDocuments: none of the ${styles.length} styles has drawn any of the ${concepts.length} subjects (split '${split}').`,
    );
  }
  const decoded = new Map<number, Promise<unknown>>();
  const imageOf = (index: number): Promise<unknown> => {
    const { concept, style } = images[index];
    const place = `${concept.character} in ${style.name}`;
    const image = decoded.get(index) ?? decodeFile(decode, style.file(concept.character)!, place);
    decoded.set(index, image);
    return image;
  };
  return {
    name: `emoji ${split}`,
    length: images.length,
    images,
    locate: (index) => `${images[index].concept.character} in ${images[index].style.name}`,
    dataHash: async () => hashValue(images.map(({ concept, style }) => style.file(concept.character))),
    read: async (index, rng, { without } = {}): Promise<Document> => {
      const { concept, style } = images[index];
      const caption = emojiCaption(concept, style, rng.uniform() < keywordShare ? rng : undefined);
      return {
        segments: [
          ...(incomplete.has(concept)
            ? withUntrainedStyle(caption, style)
            : [{ modality: 'text', value: caption }]),
          { modality: 'image', value: without === 'image' ? undefined : await imageOf(index) },
        ],
      };
    },
  };
}

/** `red apple, noto`; with `rng`, up to three of the keywords instead of the name. */
export function emojiCaption({ name, keywords }: EmojiConcept, style: EmojiStyle, rng?: Rng): string {
  if (rng === undefined || keywords.length === 0) return `${name}, ${style.name}`;
  const count = 1 + rng.integer(Math.min(3, keywords.length));
  const chosen = [...rng.permutation(keywords.length).subarray(0, count)].map((index) => keywords[index]);
  return `${chosen.join(' ')}, ${style.name}`;
}

/** The caption in two segments, of which that with the style is not to be predicted. */
function withUntrainedStyle(caption: string, { name }: EmojiStyle): Segment[] {
  const end = `, ${name}`;
  return [
    { modality: 'text', value: caption.slice(0, -end.length) },
    { modality: 'text', value: end, trainable: false },
  ];
}

/** Whether a (subject, style) pair is held out: fixed by a hash, so that it is the same in every run and on every machine. */
export function isInValidation({ character }: EmojiConcept, { name }: EmojiStyle, share = 0.1): boolean {
  const hash = createHash('sha256').update(`${character} ${name}`).digest();
  return hash.readUInt32BE() / 2 ** 32 < share;
}
