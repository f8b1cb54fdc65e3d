/** What an emoji shows, in words. */
export interface EmojiConcept {
  /** The emoji itself. */
  readonly character: string;
  /** `red apple`. */
  readonly name: string;
  /** One of Unicode's groups: `Food & Drink`. */
  readonly group: string;
  /** Other words for it, without its name. */
  readonly keywords: readonly string[];
}

/** The format of the package `unicode-emoji-json`, as far as it is read here. */
export type UnicodeEmojiJson = Readonly<Record<string, { readonly name: string; readonly group: string }>>;

/** The format of the package `emojilib`: words by emoji. */
export type EmojilibJson = Readonly<Record<string, readonly string[]>>;

/** All emoji of the list (which has no skin tones) with their keywords, in the list's order. */
export function emojiConcepts(emoji: UnicodeEmojiJson, keywords: EmojilibJson): EmojiConcept[] {
  return Object.entries(emoji).map(([character, { name, group }]) => ({
    character,
    name: readable(name),
    group,
    keywords: [...new Set((keywords[character] ?? []).map(readable))].filter(
      (keyword) => keyword !== '' && keyword !== readable(name),
    ),
  }));
}

function readable(words: string): string {
  return words.toLowerCase().replaceAll('_', ' ').trim();
}
