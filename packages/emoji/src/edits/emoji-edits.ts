/**
 * Emoji edits: documents of an image, an instruction and the edited image. Restyling edits have real images as results:
 * the same subject in a different style. Flips and recoloring are rule-based.
 */
import { hashValue, type DocumentSource, type ReadOptions } from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import type { Document, Segment } from '@transfusion/modality';
import { isRgbImage, type RgbImage } from '@transfusion/modality-image';
import type { Rng } from '@transfusion/nn';
import type { EmojiConcept } from '../data/emoji-concepts.js';
import {
  emojiDocuments,
  isInValidation,
  type EmojiDocumentsOptions,
  type EmojiImage,
} from '../data/emoji-documents.js';
import type { EmojiStyle } from '../data/emoji-style.js';
import { imageRules, type ImageRule } from './image-rules.js';

/** An edit of an emoji: the same subject in a different style, or a rule applied to it. */
export type EmojiEdit = { readonly concept: EmojiConcept; readonly style: EmojiStyle } & (
  | { readonly kind: 'style-transfer'; readonly to: EmojiStyle }
  | { readonly kind: 'rule'; readonly rule: ImageRule }
);

/** A source of edits, with the edit of each record. */
export interface EmojiEdits extends DocumentSource {
  readonly edits: readonly EmojiEdit[];
}

/** Options of {@link emojiEdits}. */
export interface EmojiEditsOptions extends EmojiDocumentsOptions {
  /**
   * Split of {@link emojiDocuments}. An edit is in the validation set if one of its images is; `train` has only images of
   * the training set.
   */
  readonly split: 'train' | 'validation' | 'all';
  /** Decodes an image file; for rules the result must be an {@link RgbImage}. */
  readonly decode: EmojiDocumentsOptions['decode'];
  /** Includes edits from each style to every other; defaults to true. */
  readonly styleTransfer?: boolean;
  /** Rules applied to each image; defaults to all {@link imageRules}. */
  readonly rules?: readonly ImageRule[];
}

/**
 * Returns edits as documents. A record's images are determined by its index, the wording of its instruction by `rng`.
 * Each image is decoded once and kept in memory.
 *
 * @throws TransfusionError `invalid-argument` if there is nothing to edit
 */
export function emojiEdits(options: EmojiEditsOptions): EmojiEdits {
  const { split } = options;
  const images = emojiDocuments({ ...options, split: 'all' });
  const indexOf = new Map(images.images.map((image, index) => [keyOf(image), index]));
  const edits = listEdits(images.images, options);
  if (edits.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      `emojiEdits: there are no edits of the ${images.length} images (split '${split}'). Pass more styles, or rules.`,
    );
  }
  const read = ({ concept, style }: EmojiImage, rng: Rng, options?: ReadOptions): Promise<Document> =>
    images.read(indexOf.get(keyOf({ concept, style }))!, rng, options);
  return {
    name: `emoji edits ${split}`,
    length: edits.length,
    edits,
    locate: (index) => describeEdit(edits[index]),
    dataHash: async () => hashValue([await images.dataHash!(), edits.map(describeEdit)]),
    read: async (index, rng, { without } = {}): Promise<Document> => {
      const edit = edits[index];
      const [caption, image] = (await read(edit, rng.fork('caption'), { without })).segments;
      const edited: Segment =
        edit.kind === 'style-transfer'
          ? (await read({ ...edit, style: edit.to }, rng.fork('caption'), { without })).segments[1]
          : {
              ...image,
              value: without === image.modality ? undefined : edit.rule.apply(asRgb(image.value)),
            };
      const instructions = editInstructions(edit);
      const instruction = instructions[rng.fork('wording').integer(instructions.length)];
      return {
        segments: [image, { modality: caption.modality, value: instruction }, edited],
      };
    },
  };
}

/** Returns wordings of an edit's instruction, the simplest first. */
export function editInstructions(edit: EmojiEdit): readonly string[] {
  if (edit.kind === 'rule') return edit.rule.instructions;
  const { name } = edit.to;
  return [
    `draw this in the ${name} style`,
    `redraw it in the style of ${name}`,
    `show it as ${name} draws it`,
    `make it ${name}`,
  ];
}

function listEdits(images: readonly EmojiImage[], options: EmojiEditsOptions): EmojiEdit[] {
  const { styles, split, validationFraction, styleTransfer = true, rules = imageRules } = options;
  const available = new Set(images.map(keyOf));
  const isTrained = ({ concept, style }: EmojiImage): boolean =>
    !isInValidation(concept, style, validationFraction);
  const isInSplit = (...involved: EmojiImage[]): boolean =>
    split === 'all' || involved.every(isTrained) === (split === 'train');
  return images.flatMap(({ concept, style }): EmojiEdit[] => [
    ...styles
      .filter((to) => styleTransfer && to !== style && available.has(keyOf({ concept, style: to })))
      .filter((to) => isInSplit({ concept, style }, { concept, style: to }))
      .map((to): EmojiEdit => ({ kind: 'style-transfer', concept, style, to })),
    ...rules
      .filter(() => isInSplit({ concept, style }))
      .map((rule): EmojiEdit => ({ kind: 'rule', concept, style, rule })),
  ]);
}

function keyOf({ concept, style }: EmojiImage): string {
  return `${concept.character} ${style.name}`;
}

function describeEdit(edit: EmojiEdit): string {
  const { concept, style } = edit;
  const change = edit.kind === 'style-transfer' ? `to ${edit.to.name}` : edit.rule.name;
  return `${concept.character} in ${style.name}, ${change}`;
}

function asRgb(value: unknown): RgbImage {
  if (isRgbImage(value)) return value;
  throw new TransfusionError(
    'invalid-argument',
    `emojiEdits: decode returned ${describeValue(value)}, but rules need an RgbImage. ` +
      'Decode with decodeImage of @transfusion/modality-image, or disable the rules (rules: []).',
  );
}

function describeValue(value: unknown): string {
  return typeof value === 'string'
    ? `the string ${JSON.stringify(value)}`
    : `a value of type ${typeof value}`;
}
