/**
 * Edits of emoji: documents of a picture, an instruction and the edited picture. An emoji in another artist's
 * style is a real edit, with a result that a person drew; flips and recolouring follow rules.
 */
import { TransfusionError, type Rng } from '@transfusion/nn';
import type { Document, Segment } from '@transfusion/modality';
import type { DocumentSource, ReadOptions } from '../document-source.js';
import type { EmojiConcept } from '../emoji/emoji-concepts.js';
import {
  emojiDocuments,
  isHeldOut,
  type EmojiDocumentsOptions,
  type EmojiPicture,
} from '../emoji/emoji-documents.js';
import type { EmojiStyle } from '../emoji/emoji-style.js';
import { hashValue } from '../hash-value.js';
import { found } from '../readers/record-errors.js';
import { pictureRules, type PictureRule, type RgbPicture } from './picture-rules.js';

/** An emoji and what becomes of it: the same subject by another artist, or what a rule makes of it. */
export type EmojiEdit = { readonly concept: EmojiConcept; readonly style: EmojiStyle } & (
  | { readonly kind: 'restyle'; readonly to: EmojiStyle }
  | { readonly kind: 'rule'; readonly rule: PictureRule }
);

/** The source, with the edit that each record shows. */
export interface EmojiEdits extends DocumentSource {
  readonly edits: readonly EmojiEdit[];
}

/** Which edits {@link emojiEdits} holds. */
export interface EmojiEditsOptions extends EmojiDocumentsOptions {
  /**
   * As {@link emojiDocuments} splits its pictures. An edit is held out if one of its pictures is; `train`
   * has only pictures that `emojiDocuments` trains on.
   */
  readonly split: 'train' | 'held-out' | 'all';
  /** Makes the value of a segment from a picture file's bytes; for rules it must be an {@link RgbPicture}. */
  readonly decode: EmojiDocumentsOptions['decode'];
  /** Whether there are edits from each artist to each other; true by default. */
  readonly restyle?: boolean;
  /** Rules that are applied to each picture; all of {@link pictureRules} by default. */
  readonly rules?: readonly PictureRule[];
}

/**
 * Edits as documents. A record's pictures depend on its index alone, the wording of its instruction on `rng`.
 * Each picture is decoded once and kept.
 *
 * @throws TransfusionError `invalid-argument` if there is nothing to edit
 */
export function emojiEdits(options: EmojiEditsOptions): EmojiEdits {
  const { split } = options;
  const pictures = emojiDocuments({ ...options, split: 'all' });
  const indexOf = new Map(pictures.pictures.map((picture, index) => [keyOf(picture), index]));
  const edits = editsOf(pictures.pictures, options);
  if (edits.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      `emojiEdits: there is no edit of the ${pictures.length} pictures (split '${split}'). Give more styles, or rules.`,
    );
  }
  const read = ({ concept, style }: EmojiPicture, rng: Rng, options?: ReadOptions): Promise<Document> =>
    pictures.read(indexOf.get(keyOf({ concept, style }))!, rng, options);
  return {
    name: `emoji edits ${split}`,
    length: edits.length,
    edits,
    place: (index) => placeOf(edits[index]),
    dataHash: async () => hashValue([await pictures.dataHash!(), edits.map(placeOf)]),
    read: async (index, rng, { without } = {}): Promise<Document> => {
      const edit = edits[index];
      const [caption, picture] = (await read(edit, rng.fork('caption'), { without })).segments;
      const edited: Segment =
        edit.kind === 'restyle'
          ? (await read({ ...edit, style: edit.to }, rng.fork('caption'), { without })).segments[1]
          : {
              ...picture,
              value: without === picture.modality ? undefined : edit.rule.apply(asRgb(picture.value)),
            };
      const instructions = editInstructions(edit);
      const instruction = instructions[rng.fork('wording').integer(instructions.length)];
      return {
        segments: [picture, { modality: caption.modality, value: instruction }, edited],
      };
    },
  };
}

/** Ways to ask for an edit, the plainest first. */
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

function editsOf(pictures: readonly EmojiPicture[], options: EmojiEditsOptions): EmojiEdit[] {
  const { styles, split, heldOutShare, restyle = true, rules = pictureRules } = options;
  const drawn = new Set(pictures.map(keyOf));
  const isTrained = ({ concept, style }: EmojiPicture): boolean => !isHeldOut(concept, style, heldOutShare);
  const isChosen = (...involved: EmojiPicture[]): boolean =>
    split === 'all' || involved.every(isTrained) === (split === 'train');
  return pictures.flatMap(({ concept, style }): EmojiEdit[] => [
    ...styles
      .filter((to) => restyle && to !== style && drawn.has(keyOf({ concept, style: to })))
      .filter((to) => isChosen({ concept, style }, { concept, style: to }))
      .map((to): EmojiEdit => ({ kind: 'restyle', concept, style, to })),
    ...rules
      .filter(() => isChosen({ concept, style }))
      .map((rule): EmojiEdit => ({ kind: 'rule', concept, style, rule })),
  ]);
}

function keyOf({ concept, style }: EmojiPicture): string {
  return `${concept.character} ${style.name}`;
}

function placeOf(edit: EmojiEdit): string {
  const { concept, style } = edit;
  const change = edit.kind === 'restyle' ? `to ${edit.to.name}` : edit.rule.name;
  return `${concept.character} in ${style.name}, ${change}`;
}

function asRgb(value: unknown): RgbPicture {
  const { width, height, data } = (value ?? {}) as Partial<RgbPicture>;
  if (data instanceof Uint8Array && data.length === width! * height! * 3) return value as RgbPicture;
  throw new TransfusionError(
    'invalid-argument',
    `emojiEdits: decode gave ${found(value)}, but rules need { width, height, data } with three bytes a pixel. ` +
      'Decode with decodeImage of @transfusion/modality-image, or leave the rules out (rules: []).',
  );
}
