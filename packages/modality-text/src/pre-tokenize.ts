/** GPT-2's pre-tokenization: splits text into words, which no token crosses. */

/**
 * GPT-2's pattern as in `tokenizer.json` files, in Oniguruma's dialect: `\s` is Unicode's White_Space.
 */
export const GPT2_PATTERN =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

// JavaScript's \s includes U+FEFF and excludes U+0085.
const WORD =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** Splits text into words, which add up to the text. */
export function* preTokenize(text: string): Generator<string> {
  for (const [word] of text.matchAll(WORD)) yield word;
}

/** Replaces lone surrogates, which UTF-8 cannot represent, by U+FFFD. */
export function toWellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
