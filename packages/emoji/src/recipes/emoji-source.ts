/** The data and the sample prompts that the emoji recipes share. */
import { captionPairs, type MixturePart } from '@transfusion/data';
import { emojiDocuments, type EmojiDocuments } from '../data/emoji-documents.js';
import { loadEmojiSet, type EmojiStyleName } from '../data/load-emoji-set.js';
import { decodeImage } from '@transfusion/modality-image';
import type { SampleRequest } from '@transfusion/runs';
import { jitteredImages } from './jittered-images.js';

/** Options of all emoji recipes: the artists, and the folder of the packages that carry their images. */
export interface EmojiSourceOptions {
  /** The folder whose `node_modules` hold the emoji packages; defaults to the working directory. */
  readonly resolveFrom?: string;
  /** The artists; defaults to `['noto', 'fluent', 'twemoji']`. */
  readonly styles?: readonly EmojiStyleName[];
}

/** Opens the emoji set without flags, which differ in details too small for these images. */
export function openEmojiSet(size: number, { resolveFrom, styles }: EmojiSourceOptions) {
  const set = loadEmojiSet({ size, styles, resolveFrom });
  return {
    styles: set.styles,
    concepts: set.concepts.filter(({ group }) => group !== 'Flags'),
    // Some styles have files of a fixed size.
    decode: (bytes: Uint8Array) => decodeImage(bytes, { minSide: size }),
  };
}

/** Returns emoji without flags as documents of a caption and an image of `size` × `size` pixels. */
export function emojiSource(
  size: number,
  options: EmojiSourceOptions & { readonly split: 'train' | 'validation'; readonly keywordShare?: number },
): EmojiDocuments {
  const { split, keywordShare } = options;
  return emojiDocuments({ ...openEmojiSet(size, options), split, keywordShare });
}

/** Number of jittered versions of each image to caption; with 8, the model memorized the captions. */
const VERSIONS = 16;

/** Mixture weights of text-to-image and captioning pairs; in the paper a fifth are captioning pairs. */
const [GENERATE_SHARE, CAPTION_SHARE] = [0.65, 0.35];

/** Fraction of text-to-image captions that use keywords instead of the name. */
const KEYWORD_SHARE = 0.2;

/** Returns the training pairs: images after their captions, and jittered images before their captions. */
export function emojiPairs(
  size: number,
  options: EmojiSourceOptions,
): { readonly toGenerate: MixturePart; readonly toCaption: MixturePart } {
  const open = (keywordShare: number): EmojiDocuments =>
    emojiSource(size, { ...options, split: 'train', keywordShare });
  return {
    toGenerate: {
      source: open(KEYWORD_SHARE),
      weight: GENERATE_SHARE,
      transform: captionPairs({ captionFirst: 1 }),
    },
    toCaption: {
      source: jitteredImages(open(0), VERSIONS),
      weight: CAPTION_SHARE,
      transform: captionPairs({ captionFirst: 0 }),
    },
  };
}

/** Returns prompts to sample while training: subjects of several kinds, in alternating styles. */
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
