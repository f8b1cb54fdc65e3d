/**
 * Emoji as several artists draw them: pairs of a caption ("red apple, noto") and a picture. The same
 * subject comes in several styles, and some (subject, style) pairs are held out: the model has seen
 * the subject in other styles, and the style on other subjects, but never this picture.
 */
import { createHash } from 'node:crypto';
import { TransfusionError, type Rng } from '@transfusion/nn';
import type { Document, Segment } from '@transfusion/modality';
import type { DocumentSource } from '../document-source.js';
import { hashValue } from '../hash-value.js';
import { decodeFile } from '../readers/decoders.js';
import type { EmojiConcept } from './emoji-concepts.js';
import type { EmojiStyle } from './emoji-style.js';

/** A subject as one artist drew it. */
export interface EmojiPicture {
  readonly concept: EmojiConcept;
  readonly style: EmojiStyle;
}

/** The source, with what it has pictures of. */
export interface EmojiDocuments extends DocumentSource {
  readonly pictures: readonly EmojiPicture[];
}

/** Which pictures {@link emojiDocuments} holds, and how they are captioned. */
export interface EmojiDocumentsOptions {
  readonly concepts: readonly EmojiConcept[];
  readonly styles: readonly EmojiStyle[];
  /** Makes the value of an `image` segment from a picture file's bytes. */
  readonly decode: (bytes: Uint8Array) => Promise<unknown>;
  /** Which pairs: those to train on, those held out, or all. */
  readonly split: 'train' | 'held-out' | 'all';
  /** The share held out; 0.1 by default. */
  readonly heldOutShare?: number;
  /** How often a caption uses keywords instead of the name; 0.3 by default. */
  readonly keywordShare?: number;
}

/**
 * Pictures with captions. Each is decoded once and kept.
 *
 * In the split to train on, the style in the caption is `given` for subjects of which a picture is held out: a
 * model that was trained to write it would learn which pictures are missing, and take these for anything else.
 *
 * @throws TransfusionError `invalid-argument` if no picture is left
 */
export function emojiDocuments(options: EmojiDocumentsOptions): EmojiDocuments {
  const { concepts, styles, decode, split, heldOutShare, keywordShare = 0.3 } = options;
  const isInSplit = ({ concept, style }: EmojiPicture): boolean =>
    split === 'all' || isHeldOut(concept, style, heldOutShare) === (split === 'held-out');
  const drawn = concepts.flatMap((concept) =>
    styles
      .filter((style) => style.draw(concept.character) !== undefined)
      .map((style) => ({ concept, style })),
  );
  const pictures = drawn.filter(isInSplit);
  const incomplete = new Set(
    split === 'train' ? drawn.filter((picture) => !isInSplit(picture)).map(({ concept }) => concept) : [],
  );
  if (pictures.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      `emojiDocuments: none of the ${styles.length} styles has drawn any of the ${concepts.length} subjects (split '${split}').`,
    );
  }
  const decoded = new Map<number, Promise<unknown>>();
  const pictureOf = (index: number): Promise<unknown> => {
    const { concept, style } = pictures[index];
    const place = `${concept.character} in ${style.name}`;
    const picture = decoded.get(index) ?? decodeFile(decode, style.draw(concept.character)!, place);
    decoded.set(index, picture);
    return picture;
  };
  return {
    name: `emoji ${split}`,
    length: pictures.length,
    pictures,
    place: (index) => `${pictures[index].concept.character} in ${pictures[index].style.name}`,
    dataHash: async () => hashValue(pictures.map(({ concept, style }) => style.draw(concept.character))),
    read: async (index, rng, { without } = {}): Promise<Document> => {
      const { concept, style } = pictures[index];
      const caption = emojiCaption(concept, style, rng.uniform() < keywordShare ? rng : undefined);
      return {
        segments: [
          ...(incomplete.has(concept)
            ? withGivenStyle(caption, style)
            : [{ modality: 'text', value: caption }]),
          { modality: 'image', value: without === 'image' ? undefined : await pictureOf(index) },
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
function withGivenStyle(caption: string, { name }: EmojiStyle): Segment[] {
  const end = `, ${name}`;
  return [
    { modality: 'text', value: caption.slice(0, -end.length) },
    { modality: 'text', value: end, given: true },
  ];
}

/** Whether a (subject, style) pair is held out: fixed by a hash, so that it is the same in every run and on every machine. */
export function isHeldOut({ character }: EmojiConcept, { name }: EmojiStyle, share = 0.1): boolean {
  const hash = createHash('sha256').update(`${character} ${name}`).digest();
  return hash.readUInt32BE() / 2 ** 32 < share;
}
