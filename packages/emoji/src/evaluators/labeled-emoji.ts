/** The validation images with what is known of them, and the edits whose results they are. */
import type { DocumentSource } from '@transfusion/data';
import { resizeImage, type RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import { emojiCaption, emojiDocuments, type EmojiDocuments } from '../data/emoji-documents.js';
import { editInstructions } from '../edits/emoji-edits.js';
import { emojiStyles } from '../model/load-emoji.js';
import { openEmojiSet, type EmojiSourceOptions } from '../recipes/emoji-source.js';
import { LATENT_IMAGE_SIZE } from '../recipes/latent-settings.js';

/** An image of a subject in one style. */
export interface LabeledImage {
  readonly image: RgbImage;
  readonly subject: string;
  readonly style: string;
  /** `red apple, noto`. */
  readonly caption: string;
}

/** A validation image, and its place among all of them. */
export interface LabeledEmoji extends LabeledImage {
  readonly index: number;
}

/** An image of the training split, an instruction, and the validation image that it asks for. */
export interface LabeledEdit {
  /** Place among all edits. */
  readonly index: number;
  readonly source: LabeledImage;
  readonly instruction: string;
  readonly target: LabeledImage;
}

/** The emoji of an evaluation. */
export interface LabeledEmojiSet {
  /** SHA-256 of the validation images. */
  hash(): Promise<string>;
  /** Reads the validation images in a fixed random order, so that the first few are a sample of all. */
  images(): AsyncGenerator<LabeledEmoji>;
  /** Reads edits into another style, whose results are validation images of the same subject, in the same order. */
  edits(): AsyncGenerator<LabeledEdit>;
}

/** Opens the emoji that the model has not seen: subjects that it knows from other styles. */
export function labeledEmoji({ resolveFrom, styles = emojiStyles }: EmojiSourceOptions): LabeledEmojiSet {
  const set = openEmojiSet(LATENT_IMAGE_SIZE, { resolveFrom, styles });
  const open = (split: 'train' | 'validation') => emojiDocuments({ ...set, split, keywordFraction: 0 });
  const [train, validation] = [open('train'), open('validation')];
  const order = createRng(1).fork('held-out').permutation(validation.length);
  return {
    hash: () => (validation as DocumentSource).dataHash!(),
    async *images() {
      for (const [i, index] of order.entries()) yield { index: i, ...(await read(validation, index)) };
    },
    async *edits() {
      let count = 0;
      for (const [i, index] of order.entries()) {
        const { concept, style: to } = validation.images[index];
        const sources = [...train.images.keys()].filter((k) => train.images[k].concept.name === concept.name);
        if (sources.length === 0) continue;
        const source = sources[i % sources.length];
        const { style } = train.images[source];
        const [instruction] = editInstructions({ kind: 'style-transfer', concept, style, to });
        const [from, target] = [await read(train, source), await read(validation, index)];
        yield {
          index: count++,
          source: from,
          instruction,
          target,
        };
      }
    },
  };
}

async function read(source: EmojiDocuments, index: number): Promise<LabeledImage> {
  const { concept, style } = source.images[index];
  const { segments } = await source.read(index, createRng(0));
  const image = await resizeImage(segments.at(-1)!.value as RgbImage, LATENT_IMAGE_SIZE, LATENT_IMAGE_SIZE);
  return { image, subject: concept.name, style: style.name, caption: emojiCaption(concept, style) };
}
