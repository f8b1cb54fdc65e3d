/** The data and the sample prompts that the emoji recipes share. */
import { captionPairs, type DocumentTransform, type MixturePart } from '@transfusion/data';
import { decodeImage } from '@transfusion/modality-image';
import type { OpenSources, SampleRequest } from '@transfusion/runs';
import { emojiDocuments, type EmojiDocuments } from '../data/emoji-documents.js';
import { loadEmojiSet, type EmojiStyleName } from '../data/load-emoji-set.js';
import { jitteredImages } from './jittered-images.js';

/** Options of all emoji recipes: the styles, and where the packages that carry them are installed. */
export interface EmojiSourceOptions {
  /** The folder whose `node_modules` hold the emoji packages; defaults to the working directory. */
  readonly resolveFrom?: string | readonly string[];
  /** Emoji styles; each recipe has its own default, all other functions that of `loadEmojiSet`. */
  readonly styles?: readonly EmojiStyleName[];
}

/** Opens the emoji set without flags, which differ in details too small for these image sizes. */
export function openEmojiSet(size: number, { resolveFrom, styles }: EmojiSourceOptions) {
  const set = loadEmojiSet({ size, styles, resolveFrom });
  return {
    styles: set.styles,
    concepts: set.concepts.filter(({ group }) => group !== 'Flags'),
    // Some styles have files of a fixed, larger size.
    decode: (bytes: Uint8Array) => decodeImage(bytes, { minSide: size }),
  };
}

/** Returns emoji without flags as documents of a caption and an image of `size` × `size` pixels. */
export function emojiSource(
  size: number,
  options: EmojiSourceOptions & { readonly split: 'train' | 'validation'; readonly keywordFraction?: number },
): EmojiDocuments {
  const { split, keywordFraction } = options;
  return emojiDocuments({ ...openEmojiSet(size, options), split, keywordFraction });
}

/** Returns a function that opens one split as the only source of a recipe. */
export function openSplit(
  size: number,
  options: EmojiSourceOptions & { readonly split: 'train' | 'validation' },
  transform?: DocumentTransform,
): OpenSources {
  return () => [{ source: emojiSource(size, options), transform }];
}

/** Number of jittered versions of each captioning image; with 8, the model memorized the captions. */
const NUM_VERSIONS = 16;

/** Mixture weights of text-to-image and captioning pairs; in the paper, a fifth are captioning pairs. */
const [TEXT_TO_IMAGE_WEIGHT, CAPTIONING_WEIGHT] = [0.65, 0.35];

/** Fraction of text-to-image captions that use keywords instead of the name. */
const KEYWORD_FRACTION = 0.2;

/** Returns the training pairs: captions followed by images, and jittered images followed by captions. */
export function emojiPairs(
  size: number,
  options: EmojiSourceOptions,
): { readonly textToImage: MixturePart; readonly captioning: MixturePart } {
  const open = (keywordFraction: number): EmojiDocuments =>
    emojiSource(size, { ...options, split: 'train', keywordFraction });
  return {
    textToImage: {
      source: open(KEYWORD_FRACTION),
      weight: TEXT_TO_IMAGE_WEIGHT,
      transform: captionPairs({ captionFirst: 1 }),
    },
    captioning: {
      source: jitteredImages(open(0), NUM_VERSIONS),
      weight: CAPTIONING_WEIGHT,
      transform: captionPairs({ captionFirst: 0 }),
    },
  };
}

/** Returns requests for samples during training: various subjects, in alternating styles. */
export function emojiSampleRequests(styles: readonly EmojiStyleName[]): SampleRequest[] {
  return SUBJECTS.map((subject, i) => ({
    prompt: [{ modality: 'text', value: `${subject}, ${styles[i % styles.length]}` }],
    firstSpan: { modality: 'image' },
  }));
}

const SUBJECTS = [
  'red apple',
  'green heart',
  'blue circle',
  'grinning face',
  'tangerine',
  'dog face',
  'sun',
  'cat face',
  'pizza',
  'house',
  'guitar',
  'octopus',
  'rose',
  'bus',
  'key',
  'umbrella',
];
