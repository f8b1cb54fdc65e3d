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

/** npm packages by style, and a file of each. Mind each package's license. */
const stylePackages = {
  noto: { name: '@iconify-json/noto', file: 'icons.json' },
  fluent: { name: '@iconify-json/fluent-emoji-flat', file: 'icons.json' },
  twemoji: { name: '@iconify-json/twemoji', file: 'icons.json' },
  openmoji: { name: '@iconify-json/openmoji', file: 'icons.json' },
  'fluent-3d': { name: '@lobehub/fluent-emoji-3d', file: 'package.json' },
} as const;

/** npm packages of names and keywords. */
const wordPackages = { names: 'unicode-emoji-json', keywords: 'emojilib' } as const;

/** The styles that {@link loadEmojiSet} can load. */
export type EmojiStyleName = keyof typeof stylePackages;

/** Options of {@link loadEmojiSet}. */
export interface LoadEmojiSetOptions {
  /** Styles to load; defaults to `['noto', 'fluent', 'twemoji']`. */
  readonly styles?: readonly EmojiStyleName[];
  /** Side of the SVG images in pixels; the files of `fluent-3d` have 256. */
  readonly size: number;
  /**
   * Folders whose `node_modules`, and those above, are searched for the packages, in this order; defaults to the working
   * directory.
   */
  readonly resolveFrom?: string | readonly string[];
}

/**
 * Loads emoji and their names from npm packages, which must be installed: `unicode-emoji-json`, `emojilib`, and one per
 * style (`@iconify-json/noto`, `@iconify-json/fluent-emoji-flat`, `@iconify-json/twemoji`, `@iconify-json/openmoji`,
 * `@lobehub/fluent-emoji-3d`).
 *
 * @throws TransfusionError `not-found`, with the command that installs all that are missing
 */
export function loadEmojiSet(options: LoadEmojiSetOptions): {
  concepts: EmojiConcept[];
  styles: EmojiStyle[];
} {
  const { styles = ['noto', 'fluent', 'twemoji'], size, resolveFrom = process.cwd() } = options;
  const folders = [resolveFrom].flat().map((folder) => resolve(folder));
  const require = createRequire(import.meta.url);
  const find = (specifier: string): string => require.resolve(specifier, { paths: folders });
  checkInstalled(find, styles, folders);
  const read = (specifier: string): unknown => require(find(specifier));
  const openStyle = (style: EmojiStyleName): EmojiStyle => {
    const { name } = stylePackages[style];
    if (style === 'fluent-3d') return fileStyle(style, join(dirname(find(`${name}/package.json`)), 'assets'));
    const icons = read(`${name}/icons.json`) as IconifyIcons;
    return iconifyStyle(style, { icons, chars: read(`${name}/chars.json`) as Record<string, string> }, size);
  };
  return {
    concepts: emojiConcepts(
      read(wordPackages.names) as UnicodeEmojiJson,
      read(wordPackages.keywords) as EmojilibJson,
    ),
    styles: styles.map(openStyle),
  };
}

function checkInstalled(
  find: (specifier: string) => string,
  styles: readonly EmojiStyleName[],
  folders: readonly string[],
): void {
  const files = [
    ...Object.values(wordPackages).map((name) => ({ name, specifier: name })),
    ...styles.map((style) => {
      const { name, file } = stylePackages[style];
      return { name, specifier: `${name}/${file}` };
    }),
  ];
  const missing = files.filter(({ specifier }) => !isFound(find, specifier)).map(({ name }) => name);
  if (missing.length === 0) return;
  throw new TransfusionError(
    'not-found',
    `loadEmojiSet: ${missing.length} of the ${files.length} npm packages that hold the emoji cannot be found from ` +
      `${folders[0]}. Install them: npm install ${missing.join(' ')}`,
  );
}

function isFound(find: (specifier: string) => string, specifier: string): boolean {
  try {
    find(specifier);
    return true;
  } catch {
    return false;
  }
}
