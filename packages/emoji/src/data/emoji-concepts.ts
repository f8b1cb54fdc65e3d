/** The subject of an emoji, in words. */
export interface EmojiConcept {
  /** The emoji itself. */
  readonly character: string;
  /** Its name, such as `red apple`. */
  readonly name: string;
  /** One of Unicode's groups, such as `Food & Drink`. */
  readonly group: string;
  /** Other words for it, without its name. */
  readonly keywords: readonly string[];
}

/** The fields of the package `unicode-emoji-json` that are used here. */
export type UnicodeEmojiJson = Readonly<Record<string, { readonly name: string; readonly group: string }>>;

/** The content of the package `emojilib`: words by emoji. */
export type EmojilibJson = Readonly<Record<string, readonly string[]>>;

/** Joins the list of emoji (without skin tones) with their keywords, in the list's order. */
export function emojiConcepts(emoji: UnicodeEmojiJson, keywords: EmojilibJson): EmojiConcept[] {
  return Object.entries(emoji).map(([character, { name, group }]) => ({
    character,
    name: normalizeWords(name),
    group,
    keywords: [...new Set((keywords[character] ?? []).map(normalizeWords))].filter(
      (keyword) => keyword !== '' && keyword !== normalizeWords(name),
    ),
  }));
}

function normalizeWords(words: string): string {
  return words.toLowerCase().replaceAll('_', ' ').trim();
}
