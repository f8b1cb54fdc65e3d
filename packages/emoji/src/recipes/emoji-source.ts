/** What the recipes of emoji have in common: their images, and what they draw while they learn. */
import { captionPairs, type MixturePart } from '@transfusion/data';
import { emojiDocuments, type EmojiDocuments } from '../data/emoji-documents.js';
import { loadEmojiSet, type EmojiStyleName } from '../data/load-emoji-set.js';
import { decodeImage } from '@transfusion/modality-image';
import type { SampleRequest } from '@transfusion/runs';
import { jitteredImages } from './jittered-images.js';

/** Whose drawings, and where they are. */
export interface EmojiSourceOptions {
  /** The folder whose `node_modules` hold the emoji packages; the working directory by default. */
  readonly from?: string;
  /** The artists; `['noto', 'fluent', 'twemoji']` by default. */
  readonly styles?: readonly EmojiStyleName[];
}

/** Emoji without flags (which differ in details that few pixels do not show) as images of `size` pixels. */
export function openEmojiSet(size: number, { from, styles }: EmojiSourceOptions) {
  const set = loadEmojiSet({ size, styles, from });
  return {
    styles: set.styles,
    concepts: set.concepts.filter(({ group }) => group !== 'Flags'),
    // Some styles are files of a size of their own.
    decode: (bytes: Uint8Array) => decodeImage(bytes, { minSide: size }),
  };
}

/** {@link openEmojiSet} as documents of a caption and an image. */
export function emojiSource(
  size: number,
  options: EmojiSourceOptions & { readonly split: 'train' | 'validation'; readonly keywordShare?: number },
): EmojiDocuments {
  const { split, keywordShare } = options;
  return emojiDocuments({ ...openEmojiSet(size, options), split, keywordShare });
}

/** Images to be named come in so many jittered versions; with 8, the model learned names by heart. */
const VERSIONS = 16;

/** How often images are to be drawn, and to be named; the paper names a fifth. */
const [DRAW_SHARE, NAME_SHARE] = [0.65, 0.35];

/** How often a caption to draw from has keywords instead of the name. */
const KEYWORD_SHARE = 0.2;

/** What the recipes on latents train on: images as they are behind their captions, jittered ones before their names. */
export function emojiPairs(
  size: number,
  options: EmojiSourceOptions,
): { readonly toDraw: MixturePart; readonly toName: MixturePart } {
  const open = (keywordShare: number): EmojiDocuments =>
    emojiSource(size, { ...options, split: 'train', keywordShare });
  return {
    toDraw: { source: open(KEYWORD_SHARE), weight: DRAW_SHARE, transform: captionPairs({ captionFirst: 1 }) },
    toName: {
      source: jitteredImages(open(0), VERSIONS),
      weight: NAME_SHARE,
      transform: captionPairs({ captionFirst: 0 }),
    },
  };
}

/** To be drawn while training: subjects of several kinds, in styles that alternate. */
export function emojiSampleRequests(styles: readonly EmojiStyleName[]): SampleRequest[] {
  return SUBJECTS.map((subject, i) => ({
    prompt: [{ modality: 'text', value: `${subject}, ${styles[i % styles.length]}` }],
    begin: { modality: 'image' },
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
