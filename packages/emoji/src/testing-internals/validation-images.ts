import { fileURLToPath } from 'node:url';
import { emojiDocuments, type EmojiImage } from '../data/emoji-documents.js';
import { loadEmojiSet, type EmojiStyleName } from '../data/load-emoji-set.js';
import { decodeImage, type RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';

/** Some images of (subject, style) pairs that were not trained on, always the same. */
export async function validation(
  count: number,
  styles?: readonly EmojiStyleName[],
): Promise<(EmojiImage & { readonly image: RgbImage })[]> {
  const from = fileURLToPath(new URL('../..', import.meta.url));
  const set = loadEmojiSet({ size: 64, styles, from });
  const source = emojiDocuments({
    ...set,
    concepts: set.concepts.filter(({ group }) => group !== 'Flags'),
    split: 'validation',
    decode: (bytes) => decodeImage(bytes, { minSide: 64 }),
  });
  const order = createRng(1).permutation(source.length).subarray(0, count);
  return Promise.all(
    [...order].map(async (index) => {
      const { segments } = await source.read(index, createRng(0));
      return { ...source.images[index], image: segments[1].value as RgbImage };
    }),
  );
}
