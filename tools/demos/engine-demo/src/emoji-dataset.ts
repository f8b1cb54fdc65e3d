/**
 * Emoji as three artists draw them, rendered to small images. Each image has two labels: who drew
 * it, and which group of Unicode's emoji list it belongs to. Concepts, not images, are held out: no
 * artist's version of a validation emoji is in the training set.
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
  readonly artists: readonly string[];
  readonly groups: readonly string[];
  readonly train: LabeledEmoji;
  readonly validation: LabeledEmoji;
}

/** Images and, for each, its labels. The artists' versions of an emoji follow one another. */
export interface LabeledEmoji {
  /** [N, size, size, 3] row by row, 0 to 255. */
  readonly pixels: Uint8Array;
  /** Index into the data set's `artists`. */
  readonly artists: Int32Array;
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

const artists = [
  { name: 'Noto', icons: noto, names: byPlainCodePoints(notoNames) },
  { name: 'Fluent', icons: fluent, names: byPlainCodePoints(fluentNames) },
  { name: 'Twemoji', icons: twemoji, names: byPlainCodePoints(twemojiNames) },
];

export async function loadEmoji(options: EmojiDatasetOptions): Promise<EmojiDataset> {
  const { size, maxConcepts = Infinity, onRendered } = options;
  const concepts = evenlySpaced(sharedConcepts(), maxConcepts);
  const groups = [...new Set(concepts.map(({ group }) => group))].sort();
  const total = concepts.length * artists.length;
  let done = 0;
  const load = async (part: readonly Concept[]): Promise<LabeledEmoji> => {
    const pixels = new Uint8Array(part.length * artists.length * size * size * 3);
    const drawings = part.flatMap((concept) => artists.map((artist, label) => ({ concept, artist, label })));
    const remaining = drawings.entries();
    const renderRemaining = async (): Promise<void> => {
      for (const [index, { concept, artist }] of remaining) {
        const image = await render(svgOf(artist, concept), size);
        pixels.set(image, index * image.length);
        onRendered?.(++done, total);
      }
    };
    await Promise.all(Array.from({ length: RENDERED_AT_ONCE }, renderRemaining));
    return {
      pixels,
      artists: Int32Array.from(drawings, ({ label }) => label),
      groups: Int32Array.from(drawings, ({ concept }) => groups.indexOf(concept.group)),
      characters: drawings.map(({ concept }) => concept.character),
    };
  };
  const isInValidation = ({ hash }: Concept): boolean => hash < VALIDATION_SHARE;
  return {
    size,
    artists: artists.map(({ name }) => name),
    groups,
    train: await load(concepts.filter((concept) => !isInValidation(concept))),
    validation: await load(concepts.filter(isInValidation)),
  };
}

/** The emoji that all artists have drawn, in Unicode's order without flags: Fluent has hardly any. */
function sharedConcepts(): Concept[] {
  return Object.entries(emojiList)
    .filter(([, { group }]) => group !== 'Flags')
    .filter(([character]) => artists.every(({ names }) => names.has(plainCodePoints(character))))
    .map(([character, { group }]) => ({ character, group, hash: hashOf(character) }));
}

/** All items, or `count` of them from all over the list. */
export function evenlySpaced<Item>(items: readonly Item[], count: number): readonly Item[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}

function hashOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}

function svgOf({ icons, names }: (typeof artists)[number], { character }: Concept): string {
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
