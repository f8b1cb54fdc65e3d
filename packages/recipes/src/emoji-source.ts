/** What the recipes of emoji have in common: their pictures, and what they draw while they learn. */
import { emojiDocuments, loadEmojiSet, type EmojiDocuments, type EmojiStyleName } from '@transfusion/data';
import { decodeImage } from '@transfusion/modality-image';
import type { SampleRequest } from './recipe.js';

/** Whose drawings, and where they are. */
export interface EmojiSourceOptions {
  /** The folder whose `node_modules` hold the emoji packages; the working directory by default. */
  readonly from?: string;
  /** The artists; `['noto', 'fluent', 'twemoji']` by default. */
  readonly styles?: readonly EmojiStyleName[];
}

/** Emoji without flags (which differ in details that few pixels do not show) as pictures of `size` pixels. */
export function loadEmoji(size: number, { from, styles }: EmojiSourceOptions) {
  const set = loadEmojiSet({ size, styles, from });
  return {
    styles: set.styles,
    concepts: set.concepts.filter(({ group }) => group !== 'Flags'),
    // Some styles are files of a size of their own.
    decode: (bytes: Uint8Array) => decodeImage(bytes, { minSide: size }),
  };
}

/** {@link loadEmoji} as documents of a caption and a picture. */
export function emojiSource(
  size: number,
  options: EmojiSourceOptions & { readonly split: 'train' | 'held-out'; readonly keywordShare?: number },
): EmojiDocuments {
  const { split, keywordShare } = options;
  return emojiDocuments({ ...loadEmoji(size, options), split, keywordShare });
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
