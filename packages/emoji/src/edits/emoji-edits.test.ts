import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { decodeImage, type RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import type { EmojiConcept } from '../data/emoji-concepts.js';
import { emojiDocuments } from '../data/emoji-documents.js';
import type { EmojiStyle } from '../data/emoji-style.js';
import { loadEmojiSet } from '../data/load-emoji-set.js';
import {
  editInstructions,
  emojiEdits,
  type EmojiEdit,
  type EmojiEdits,
  type EmojiEditsOptions,
} from './emoji-edits.js';
import { imageRules } from './image-rules.js';

const concepts = ['a', 'b', 'c', 'd'].map((character): EmojiConcept => {
  return { character, name: `letter ${character}`, group: 'Letters', keywords: [] };
});
/** An image of one pixel: the letter, and the style's number. */
function toyStyle(name: string, number: number, letters = 'abcd'): EmojiStyle {
  return {
    name,
    file: (character) =>
      letters.includes(character) ? Uint8Array.of(character.charCodeAt(0), number, 0) : undefined,
  };
}
const styles = [toyStyle('pen', 1), toyStyle('ink', 2), toyStyle('oil', 3, 'ab')];
const decode = async (data: Uint8Array): Promise<RgbImage> => ({ width: 1, height: 1, data });
const open = (options: Partial<EmojiEditsOptions> = {}) =>
  emojiEdits({ concepts, styles, decode, split: 'all', ...options });

const inWords = (edit: EmojiEdit): string =>
  `${edit.concept.character} ${edit.style.name} ${edit.kind === 'style-transfer' ? edit.to.name : edit.rule.name}`;
const pixelOf = (value: unknown): number[] => [...(value as RgbImage).data];

it('has an edit from each style to every other that has the subject', () => {
  const words = open({ rules: [] }).edits.map(inWords);
  expect(words.filter((word) => word.startsWith('a'))).toEqual([
    'a pen ink',
    'a pen oil',
    'a ink pen',
    'a ink oil',
    'a oil pen',
    'a oil ink',
  ]);
  expect(words.filter((word) => word.startsWith('c'))).toEqual(['c pen ink', 'c ink pen']);
  expect(words).toHaveLength(6 + 6 + 2 + 2);
});

it('decodes nothing if images are not needed', async () => {
  const source = open({ decode: () => Promise.reject(new Error('decoded')) });
  for (let i = 0; i < source.length; i++) {
    const { segments } = await source.read(i, createRng(1), { without: 'image' });
    expect(segments.map(({ value }) => typeof value)).toEqual(['undefined', 'string', 'undefined']);
  }
});

it('applies every rule to every image', () => {
  const { edits } = open({ styleTransfer: false });
  expect(edits).toHaveLength(10 * imageRules.length);
  expect(new Set(edits.map(inWords)).size).toBe(edits.length);
  expect(open().length).toBe(16 + edits.length);
  const [mirror] = imageRules;
  expect(open({ styleTransfer: false, rules: [mirror] }).edits.map(inWords)[0]).toBe('a pen mirror');
});

it('returns documents of an image, an instruction and the edited image', async () => {
  const source = open();
  for (const [index, edit] of source.edits.entries()) {
    const { segments } = await source.read(index, createRng(index));
    expect(segments.map(({ modality }) => modality)).toEqual(['image', 'text', 'image']);
    const [before, instruction, after] = segments.map(({ value }) => value);
    const number = styles.indexOf(edit.style) + 1;
    const letter = edit.concept.character.charCodeAt(0);
    expect(pixelOf(before)).toEqual([letter, number, 0]);
    expect(editInstructions(edit)).toContain(instruction);
    const expected =
      edit.kind === 'style-transfer'
        ? [letter, styles.indexOf(edit.to) + 1, 0]
        : pixelOf(edit.rule.apply(before as RgbImage));
    expect(pixelOf(after)).toEqual(expected);
  }
});

it('varies the wording of instructions, and nothing else', async () => {
  const source = open();
  const [styleTransfer] = source.edits;
  expect(editInstructions(styleTransfer)[0]).toBe('draw this in the ink style');
  const wordings = new Set<unknown>();
  const images = new Set<string>();
  for (let seed = 0; seed < 100; seed++) {
    const [before, instruction, after] = (await source.read(0, createRng(seed))).segments;
    wordings.add(instruction.value);
    images.add(`${pixelOf(before.value)} ${pixelOf(after.value)}`);
  }
  expect([...wordings].toSorted()).toEqual([...editInstructions(styleTransfer)].toSorted());
  expect(images.size).toBe(1);
  expect(await source.read(3, createRng(7))).toEqual(await source.read(3, createRng(7)));
});

it('locates records', () => {
  const source = open();
  expect([source.locate(0), source.locate(2)]).toEqual(['a in pen, to ink', 'a in pen, mirror']);
  expect(source.name).toBe('emoji edits all');
});

it('decodes each image once', async () => {
  let decoded = 0;
  const source = open({ decode: (bytes) => (decoded++, decode(bytes)) });
  await Promise.all(source.edits.map((_, index) => source.read(index, createRng(index))));
  expect(decoded).toBe(10);
});

it('reports an image that cannot be decoded as a bad record', async () => {
  const source = open({ decode: () => Promise.reject(new Error('no image')) });
  await expect(source.read(0, createRng(1))).rejects.toMatchObject({
    code: 'invalid-record',
    message: "'a in pen': no image",
  });
});

it('rules require pixels, other edits do not', async () => {
  const source = open({ decode: async () => 'a drawing' });
  expect((await source.read(0, createRng(1))).segments[2].value).toBe('a drawing');
  await expect(source.read(2, createRng(1))).rejects.toMatchObject({
    code: 'invalid-argument',
    message: expect.stringContaining(
      'emojiEdits: decode returned the string "a drawing", but rules need an RgbImage',
    ) as string,
  });
});

it('throws if there is nothing to edit', () => {
  expect(() => open({ concepts: [] })).toThrow('none of the 3 styles has an image of the 0 subjects');
  expect(() => open({ styles: [styles[0]], rules: [] })).toThrow(
    "emojiEdits: there are no edits of the 4 images (split 'all'). Pass more styles, or rules.",
  );
  expect(() => open({ split: 'validation', validationFraction: 0 })).toThrow("(split 'validation')");
  expect(() => open({ split: 'train', validationFraction: 1 })).toThrow("(split 'train')");
  expect(open({ split: 'validation', validationFraction: 1 }).length).toBe(open().length);
});

it('never trains on real emoji of the validation set, or on edits with one', async () => {
  const resolveFrom = fileURLToPath(new URL('../..', import.meta.url));
  const set = loadEmojiSet({ size: 16, resolveFrom });
  const foods = set.concepts.filter(({ group }) => group === 'Food & Drink');
  const options = { ...set, concepts: foods, decode: (bytes: Uint8Array) => decodeImage(bytes) };
  const key = (concept: EmojiConcept, style: EmojiStyle): string => `${concept.character} ${style.name}`;
  const validation = new Set(
    emojiDocuments({ ...options, split: 'validation' }).images.map(({ concept, style }) =>
      key(concept, style),
    ),
  );
  const imagesOf = (edit: EmojiEdit): string[] => [
    key(edit.concept, edit.style),
    ...(edit.kind === 'style-transfer' ? [key(edit.concept, edit.to)] : []),
  ];
  const [all, train, held] = (['all', 'train', 'validation'] as const).map((split) =>
    emojiEdits({ ...options, split }),
  );
  const isInValidation = (edit: EmojiEdit): boolean => imagesOf(edit).some((image) => validation.has(image));
  expect(train.edits.filter(isInValidation)).toEqual([]);
  expect(held.edits.filter((edit) => !isInValidation(edit))).toEqual([]);
  expect(train.length + held.length).toBe(all.length);
  const countStyleTransfers = ({ edits }: EmojiEdits): number =>
    edits.filter(({ kind }) => kind === 'style-transfer').length;
  // Of two images one is held out, or both: 1 - 0.9².
  expect(Math.abs(countStyleTransfers(held) / countStyleTransfers(all) - 0.19)).toBeLessThan(0.06);
  // Documents of real images.
  const index = train.edits.findIndex(({ concept, kind }) => concept.character === '🍎' && kind === 'rule');
  const [before, , after] = (await train.read(index, createRng(1))).segments;
  expect(after.value).toMatchObject({ width: 16, height: 16 });
  expect(after.value).not.toEqual(before.value);
});
