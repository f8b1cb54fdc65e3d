import { fileURLToPath } from 'node:url';
import { emojiDocuments, type EmojiImage } from '../data/emoji-documents.js';
import { loadEmojiSet, type EmojiStyleName } from '../data/load-emoji-set.js';
import { decodeImage, type RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';

/** Returns some images of the validation set, the same at each call. */
export async function validation(
  count: number,
  styles?: readonly EmojiStyleName[],
): Promise<(EmojiImage & { readonly image: RgbImage })[]> {
  const resolveFrom = fileURLToPath(new URL('../..', import.meta.url));
  const set = loadEmojiSet({ size: 64, styles, resolveFrom });
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
