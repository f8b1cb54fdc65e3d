import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import {
  emojiConcepts,
  type EmojiConcept,
  type EmojilibJson,
  type UnicodeEmojiJson,
} from './emoji-concepts.js';
import { fileStyle, iconifyStyle, type EmojiStyle, type IconifyIcons } from './emoji-style.js';

/** npm packages by style. Mind each package's license. */
const packages = {
  noto: '@iconify-json/noto',
  fluent: '@iconify-json/fluent-emoji-flat',
  twemoji: '@iconify-json/twemoji',
  openmoji: '@iconify-json/openmoji',
  'fluent-3d': '@lobehub/fluent-emoji-3d',
} as const;

/** The styles that {@link loadEmojiSet} can load. */
export type EmojiStyleName = keyof typeof packages;

/** Options of {@link loadEmojiSet}. */
export interface LoadEmojiSetOptions {
  /** Styles to load; defaults to `['noto', 'fluent', 'twemoji']`. */
  readonly styles?: readonly EmojiStyleName[];
  /** Side of the SVG images in pixels; the files of `fluent-3d` have 256. */
  readonly size: number;
  /** Folder whose `node_modules` hold the packages; defaults to the working directory. */
  readonly resolveFrom?: string;
}

/**
 * Loads emoji and their names from npm packages, which must be installed: `unicode-emoji-json`, `emojilib`, and one per
 * style (`@iconify-json/noto`, `@iconify-json/fluent-emoji-flat`, `@iconify-json/twemoji`, `@iconify-json/openmoji`,
 * `@lobehub/fluent-emoji-3d`).
 *
 * @throws TransfusionError `not-found`, saying what to install
 */
export function loadEmojiSet(options: LoadEmojiSetOptions): {
  concepts: EmojiConcept[];
  styles: EmojiStyle[];
} {
  const { styles = ['noto', 'fluent', 'twemoji'], size, resolveFrom = process.cwd() } = options;
  const require = createRequire(resolve(resolveFrom, 'package.json'));
  const fromPackage = <T>(name: string, read: () => T): T => {
    try {
      return read();
    } catch (cause) {
      throw new TransfusionError(
        'not-found',
        `loadEmojiSet: the package '${name}' is not installed in ${resolveFrom}. Install it: npm install --save-dev ${name}`,
        { cause },
      );
    }
  };
  const load = (name: string, file: string): unknown => fromPackage(name, () => require(`${name}${file}`));
  const openStyle = (style: EmojiStyleName): EmojiStyle => {
    const name = packages[style];
    if (style === 'fluent-3d') {
      return fromPackage(name, () =>
        fileStyle(style, join(dirname(require.resolve(`${name}/package.json`)), 'assets')),
      );
    }
    const icons = load(name, '/icons.json') as IconifyIcons;
    return iconifyStyle(style, { icons, chars: load(name, '/chars.json') as Record<string, string> }, size);
  };
  return {
    concepts: emojiConcepts(
      load('unicode-emoji-json', '') as UnicodeEmojiJson,
      load('emojilib', '') as EmojilibJson,
    ),
    styles: styles.map(openStyle),
  };
}
