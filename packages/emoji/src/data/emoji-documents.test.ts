import { mkdtempSync } from 'node:fs';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createRng } from '@transfusion/nn';
import { emojiConcepts } from './emoji-concepts.js';
import { emojiCaption, emojiDocuments, type EmojiDocumentsOptions } from './emoji-documents.js';
import { iconifyStyle, type EmojiStyle } from './emoji-style.js';
import { loadEmojiSet } from './load-emoji-set.js';

const resolveFrom = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const set = loadEmojiSet({ size: 32, resolveFrom });
const decode = async (bytes: Uint8Array): Promise<string> => new TextDecoder().decode(bytes);
const open = (options: Partial<EmojiDocumentsOptions> = {}) =>
  emojiDocuments({ ...set, decode, split: 'all', ...options });
const keysOf = (options: Partial<EmojiDocumentsOptions>): string[] =>
  open(options).images.map(({ concept, style }) => `${concept.character} ${style.name}`);

it('joins emoji with their keywords', () => {
  const apple = set.concepts.find(({ character }) => character === '🍎')!;
  expect(apple).toMatchObject({ name: 'red apple', group: 'Food & Drink' });
  expect(apple.keywords).toContain('fruit');
  const [concept] = emojiConcepts(
    { '🐈‍⬛': { name: 'Black cat', group: 'Animals & Nature' } },
    { '🐈‍⬛': ['black_cat', 'witch', 'witch', '', 'good_luck '] },
  );
  expect(concept.name).toBe('black cat');
  expect(concept.keywords).toEqual(['witch', 'good luck']);
});

it('returns SVG, also for other spellings of an emoji', () => {
  expect(set.styles.map(({ name }) => name)).toEqual(['noto', 'fluent', 'twemoji']);
  for (const style of set.styles) {
    const svg = new TextDecoder().decode(style.file('🍎'));
    expect(svg).toMatch(
      /^<svg xmlns="[^"]+" xmlns:xlink="[^"]+" width="32" height="32" viewBox="0 0 \d+ \d+">.+<\/svg>$/,
    );
    // With a variation selector and without; digits have fewer than four hexadecimal ones.
    expect(style.file('❤')).toEqual(style.file('❤️'));
    expect(style.file('©️')).toBeDefined();
    expect(style.file('x')).toBeUndefined();
  }
});

it('reads images from files, too', () => {
  const [style] = loadEmojiSet({ size: 32, resolveFrom, styles: ['fluent-3d'] }).styles;
  const isWebp = (bytes: Uint8Array | undefined): boolean =>
    new TextDecoder('latin1').decode(bytes).startsWith('RIFF');
  expect(isWebp(style.file('🍎'))).toBe(true);
  expect(style.file('❤')).toEqual(style.file('❤️'));
  expect(isWebp(style.file('#️⃣'))).toBe(true);
  expect(style.file('x')).toBeUndefined();
  const drawn = set.concepts.filter(({ character }) => style.file(character) !== undefined);
  expect(drawn.length / set.concepts.length).toBeGreaterThan(0.95);
});

it('fingerprints the images', async () => {
  const hash = await open().dataHash!();
  expect(await open().dataHash!()).toBe(hash);
  const [noto, ...others] = set.styles;
  const redrawn: EmojiStyle = {
    ...noto,
    file: (character) => (character === '🍎' ? Uint8Array.of(1) : noto.file(character)),
  };
  expect(await open({ styles: [redrawn, ...others] }).dataHash!()).not.toBe(hash);
});

it('takes sizes from the set, or from the icon', () => {
  const icons = { icons: { a: { body: '<a/>', width: 20 }, b: { body: '<b/>' } }, width: 36, height: 40 };
  const style = iconifyStyle('one', { icons, chars: { '1f600': 'a', '1f601': 'b', '1f602': 'c' } }, 8);
  const viewBox = (character: string) =>
    /viewBox="(.*?)"/.exec(new TextDecoder().decode(style.file(character)))?.[1];
  expect([viewBox('😀'), viewBox('😁'), viewBox('😂')]).toEqual(['0 0 20 40', '0 0 36 40', undefined]);
});

it('puts a tenth of the images in the validation set, always the same', () => {
  const [all, train, validation] = (['all', 'train', 'validation'] as const).map((split) =>
    keysOf({ split }),
  );
  expect(validation.length / all.length).toBeGreaterThan(0.09);
  expect(validation.length / all.length).toBeLessThan(0.11);
  expect([...train, ...validation].toSorted()).toEqual(all.toSorted());
  expect(new Set(all).size).toBe(all.length);
  // Whatever else is in the set.
  const fruit = set.concepts.filter(({ keywords }) => keywords.includes('fruit'));
  const ofFruit = keysOf({ concepts: fruit, styles: set.styles.toReversed(), split: 'validation' });
  expect(ofFruit.toSorted()).toEqual(
    validation.filter((key) => fruit.some(({ character }) => key.startsWith(`${character} `))).toSorted(),
  );
  // These stand in reports, so they must never move.
  expect(validation.slice(0, 3)).toEqual(['😀 fluent', '😅 fluent', '🙃 noto']);
  expect(keysOf({ split: 'validation', validationFraction: 0.5 })).toEqual(
    expect.arrayContaining(validation),
  );
});

it('returns captions of name and style, or of keywords and style', async () => {
  const source = open({ concepts: set.concepts.filter(({ character }) => character === '🍎') });
  const captions = new Set<unknown>();
  let named = 0;
  for (let i = 0; i < 1000; i++) {
    const { segments } = await source.read(0, createRng(i));
    expect(segments.map(({ modality }) => modality)).toEqual(['text', 'image']);
    expect(segments[1].value).toMatch(/^<svg/);
    captions.add(segments[0].value);
    if (segments[0].value === 'red apple, noto') named++;
  }
  expect(Math.abs(named - 700)).toBeLessThan(75);
  expect(captions.size).toBeGreaterThan(5);
});

it('does not train styles that reveal the validation set', async () => {
  const ofSubject = async (character: string, options: Partial<EmojiDocumentsOptions>) => {
    const source = open({
      concepts: set.concepts.filter((concept) => concept.character === character),
      ...options,
    });
    const documents = Array.from({ length: source.length }, (_, i) => source.read(i, createRng(i)));
    return (await Promise.all(documents)).map(({ segments }) => segments.slice(0, -1));
  };
  // Fluent's is held out.
  expect(await ofSubject('😀', { split: 'train', keywordFraction: 0 })).toEqual([
    [
      { modality: 'text', value: 'grinning face' },
      { modality: 'text', value: ', noto', trainable: false },
    ],
    [
      { modality: 'text', value: 'grinning face' },
      { modality: 'text', value: ', twemoji', trainable: false },
    ],
  ]);
  const [[words, style]] = await ofSubject('😀', { split: 'train', keywordFraction: 1 });
  expect(words.value).not.toContain('noto');
  expect(style).toEqual({ modality: 'text', value: ', noto', trainable: false });
  for (const split of ['validation', 'all'] as const) {
    for (const caption of await ofSubject('😀', { split, keywordFraction: 0 }))
      expect(caption).toHaveLength(1);
  }
  for (const caption of await ofSubject('🍎', { split: 'train', keywordFraction: 0 }))
    expect(caption).toHaveLength(1);
});

it('chooses one to three different keywords', () => {
  const concept = {
    character: '🍎',
    name: 'red apple',
    group: '',
    keywords: ['fruit', 'mac', 'school', 'pie'],
  };
  const style: EmojiStyle = { name: 'noto', file: () => undefined };
  const lengths = new Set<number>();
  for (let i = 0; i < 200; i++) {
    const words = emojiCaption(concept, style, createRng(i)).replace(', noto', '').split(' ');
    expect(new Set(words).size).toBe(words.length);
    for (const word of words) expect(concept.keywords).toContain(word);
    lengths.add(words.length);
  }
  expect([...lengths].toSorted()).toEqual([1, 2, 3]);
  expect(emojiCaption({ ...concept, keywords: [] }, style, createRng(1))).toBe('red apple, noto');
});

it('decodes each image once', async () => {
  let decoded = 0;
  const source = open({ decode: async () => decoded++ });
  const values = await Promise.all(
    [3, 4, 3, 3].map(async (index) => (await source.read(index, createRng(1))).segments[1].value),
  );
  expect(values).toEqual([0, 1, 0, 0]);
});

it('decodes nothing if images are not needed', async () => {
  const source = open({ decode: () => Promise.reject(new Error('decoded')) });
  const { segments } = await source.read(0, createRng(1), { without: 'image' });
  expect(segments.map(({ modality, value }) => [modality, typeof value])).toEqual([
    ['text', 'string'],
    ['image', 'undefined'],
  ]);
});

it('reports an image that cannot be decoded as a bad record', async () => {
  const source = open({ decode: () => Promise.reject(new Error('no image')) });
  expect(source.locate(0)).toBe('😀 in noto');
  await expect(source.read(0, createRng(1))).rejects.toMatchObject({
    code: 'invalid-record',
    message: "'😀 in noto': no image",
  });
});

it('throws if there is nothing to read', () => {
  expect(() => open({ concepts: [] })).toThrow('none of the 3 styles has an image of the 0 subjects');
  expect(() => open({ split: 'validation', validationFraction: 0 })).toThrow("(split 'validation')");
});

/** Clears NODE_PATH, where runners of a workspace put all packages of all projects. */
function forgetNodePath(): void {
  const { _initPaths } = Module as unknown as { _initPaths(): void };
  vi.stubEnv('NODE_PATH', '');
  _initPaths();
  onTestFinished(() => {
    vi.unstubAllEnvs();
    _initPaths();
  });
}

it('names all missing packages', () => {
  forgetNodePath();
  expect(() => loadEmojiSet({ size: 32, resolveFrom, styles: ['noto', 'openmoji'] })).toThrow(
    `loadEmojiSet: 1 of the 4 npm packages that hold the emoji cannot be found from ${resolveFrom}. ` +
      'Install them: npm install @iconify-json/openmoji',
  );
  const folder = mkdtempSync(join(tmpdir(), 'transfusion-emoji-'));
  expect(() => loadEmojiSet({ size: 32, resolveFrom: folder })).toThrow(
    'npm install unicode-emoji-json emojilib @iconify-json/noto @iconify-json/fluent-emoji-flat @iconify-json/twemoji',
  );
  expect(loadEmojiSet({ size: 32, resolveFrom: [folder, resolveFrom] }).styles).toHaveLength(3);
});
