import { trainBpe, type Tokenizer } from '@transfusion/modality-text';
import { openEmojiSet, type EmojiSourceOptions } from './emoji-source.js';
import { LATENT_IMAGE_SIZE } from './latent-settings.js';

/** Trains a BPE tokenizer on all names and keywords of the emoji set. */
export function emojiTokenizer(options: EmojiSourceOptions): Tokenizer {
  const { concepts, styles } = openEmojiSet(LATENT_IMAGE_SIZE, options);
  const captions = concepts.flatMap(({ name, keywords }) =>
    styles.flatMap((style) => [
      `${name}, ${style.name}`,
      // In captions, keywords follow a space, which belongs to their tokens.
      ...keywords.map((keyword) => ` ${keyword}`),
    ]),
  );
  return trainBpe(captions, { vocabSize: 2048 });
}
