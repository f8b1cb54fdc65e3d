import { readdirSync, readFileSync } from 'node:fs';
import { join, parse } from 'node:path';

/** A set of emoji images in one style. */
export interface EmojiStyle {
  /** Its name in captions, such as `noto`. */
  readonly name: string;
  /** Returns the bytes of an image file (SVG, WebP …), or undefined if the style does not have the emoji. */
  file(character: string): Uint8Array | undefined;
}

/** The format of `icons.json` in the packages `@iconify-json/*`. */
export interface IconifyIcons {
  readonly icons: Readonly<
    Record<string, { readonly body: string; readonly width?: number; readonly height?: number }>
  >;
  readonly width?: number;
  readonly height?: number;
}

/** Creates a style from the `icons.json` and `chars.json` of an `@iconify-json` package, with SVGs of `size` pixels. */
export function iconifyStyle(
  name: string,
  set: { readonly icons: IconifyIcons; readonly chars: Readonly<Record<string, string>> },
  size: number,
): EmojiStyle {
  const iconNames = new Map(
    Object.entries(set.chars).map(([codePoints, icon]) => [withoutVariation(codePoints.split('-')), icon]),
  );
  return {
    name,
    file: (character) => {
      const icon = set.icons.icons[iconNames.get(plainCodePoints(character)) ?? ''];
      if (icon === undefined) return undefined;
      const width = icon.width ?? set.icons.width ?? 16;
      const height = icon.height ?? set.icons.height ?? 16;
      return new TextEncoder().encode(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ' +
          `width="${size}" height="${size}" viewBox="0 0 ${width} ${height}">${icon.body}</svg>`,
      );
    },
  };
}

/** Creates a style from a folder of image files named by code points, such as `1f3f3-fe0f-200d-1f308.webp`. */
export function fileStyle(name: string, directory: string): EmojiStyle {
  const files = new Map(
    readdirSync(directory).map((file) => [withoutVariation(parse(file).name.split('-')), file]),
  );
  return {
    name,
    file: (character) => {
      const file = files.get(plainCodePoints(character));
      return file === undefined ? undefined : new Uint8Array(readFileSync(join(directory, file)));
    },
  };
}

/** Returns `1f98a`, or `1f3f3-200d-1f308`: without variation selectors, in which the sets differ. */
function plainCodePoints(character: string): string {
  return withoutVariation([...character].map((part) => part.codePointAt(0)!.toString(16).padStart(4, '0')));
}

function withoutVariation(codePoints: readonly string[]): string {
  return codePoints.filter((codePoint) => codePoint !== 'fe0f').join('-');
}
