/**
 * Emoji in three styles, rendered to small images. Each image has two labels: its style, and its group in
 * Unicode's emoji list. The split is by concept, not by image: a validation emoji is in the training set in no style.
 */
import { createHash } from 'node:crypto';
import { chars as fluentNames, icons as fluent } from '@iconify-json/fluent-emoji-flat';
import { chars as notoNames, icons as noto } from '@iconify-json/noto';
import { chars as twemojiNames, icons as twemoji } from '@iconify-json/twemoji';
import sharp from 'sharp';
import emojiList from 'unicode-emoji-json' with { type: 'json' };

export interface EmojiDataset {
  /** Width and height of the images in pixels. */
  readonly size: number;
  readonly styles: readonly string[];
  readonly groups: readonly string[];
  readonly train: LabeledEmoji;
  readonly validation: LabeledEmoji;
}

/** Images and, for each, its labels. The styles of an emoji follow one another. */
export interface LabeledEmoji {
  /** [N, size, size, 3] row by row, 0 to 255. */
  readonly pixels: Uint8Array;
  /** Index into the data set's `styles`. */
  readonly styles: Int32Array;
  /** Index into the data set's `groups`. */
  readonly groups: Int32Array;
  /** The emoji as text. */
  readonly characters: readonly string[];
}

export interface EmojiDatasetOptions {
  readonly size: number;
  readonly maxConcepts?: number;
  onRendered?(done: number, total: number): void;
}

interface Concept {
  readonly character: string;
  readonly group: string;
  /** 0 to 1, the same on every machine. */
  readonly hash: number;
}

const VALIDATION_SHARE = 0.1;

/** As many as Node's thread pool has threads by default. */
const RENDERED_AT_ONCE = 4;

const styles = [
  { name: 'Noto', icons: noto, names: byPlainCodePoints(notoNames) },
  { name: 'Fluent', icons: fluent, names: byPlainCodePoints(fluentNames) },
  { name: 'Twemoji', icons: twemoji, names: byPlainCodePoints(twemojiNames) },
];

export async function loadEmoji(options: EmojiDatasetOptions): Promise<EmojiDataset> {
  const { size, maxConcepts = Infinity, onRendered } = options;
  const concepts = evenlySpaced(sharedConcepts(), maxConcepts);
  const groups = [...new Set(concepts.map(({ group }) => group))].sort();
  const total = concepts.length * styles.length;
  let done = 0;
  const load = async (part: readonly Concept[]): Promise<LabeledEmoji> => {
    const pixels = new Uint8Array(part.length * styles.length * size * size * 3);
    const versions = part.flatMap((concept) => styles.map((style, label) => ({ concept, style, label })));
    const remaining = versions.entries();
    const renderRemaining = async (): Promise<void> => {
      for (const [index, { concept, style }] of remaining) {
        const image = await render(svgOf(style, concept), size);
        pixels.set(image, index * image.length);
        onRendered?.(++done, total);
      }
    };
    await Promise.all(Array.from({ length: RENDERED_AT_ONCE }, renderRemaining));
    return {
      pixels,
      styles: Int32Array.from(versions, ({ label }) => label),
      groups: Int32Array.from(versions, ({ concept }) => groups.indexOf(concept.group)),
      characters: versions.map(({ concept }) => concept.character),
    };
  };
  const isInValidation = ({ hash }: Concept): boolean => hash < VALIDATION_SHARE;
  return {
    size,
    styles: styles.map(({ name }) => name),
    groups,
    train: await load(concepts.filter((concept) => !isInValidation(concept))),
    validation: await load(concepts.filter(isInValidation)),
  };
}

/** Lists the emoji that all styles have, in Unicode's order, without flags: Fluent has hardly any. */
function sharedConcepts(): Concept[] {
  return Object.entries(emojiList)
    .filter(([, { group }]) => group !== 'Flags')
    .filter(([character]) => styles.every(({ names }) => names.has(plainCodePoints(character))))
    .map(([character, { group }]) => ({ character, group, hash: hashOf(character) }));
}

/** Returns all items, or `count` of them at even distances. */
export function evenlySpaced<Item>(items: readonly Item[], count: number): readonly Item[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}

function hashOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}

function svgOf({ icons, names }: (typeof styles)[number], { character }: Concept): string {
  const {
    body,
    width = icons.width,
    height = icons.height,
  } = icons.icons[names.get(plainCodePoints(character))!]!;
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ' +
    `viewBox="0 0 ${width} ${height}">${body}</svg>`
  );
}

function render(svg: string, size: number): Promise<Buffer> {
  return sharp(Buffer.from(svg))
    .resize(size, size)
    .flatten({ background: 'white' })
    .toColorspace('srgb')
    .raw()
    .toBuffer();
}

/** `1f98a`, or `1f3f3-200d-1f308`: without the variation selectors, in which the lists differ. */
function plainCodePoints(character: string): string {
  return [...character]
    .map((part) => part.codePointAt(0)!.toString(16))
    .filter(isPlain)
    .join('-');
}

function byPlainCodePoints(names: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(
    Object.entries(names).map(([codes, name]) => [codes.split('-').filter(isPlain).join('-'), name]),
  );
}

function isPlain(codePoint: string): boolean {
  return codePoint !== 'fe0f';
}
