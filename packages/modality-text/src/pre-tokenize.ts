/** GPT-2's split of a text into words, which no token crosses. */

/**
 * GPT-2's pattern as `tokenizer.json` files write it (Oniguruma's dialect, in which `\s` is Unicode's
 * White_Space).
 */
export const GPT2_PATTERN =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

// JavaScript's own \s holds U+FEFF and lacks U+0085.
const WORD =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** Splits a text into words; joined they are the text. */
export function* preTokenize(text: string): Generator<string> {
  for (const [word] of text.matchAll(WORD)) yield word;
}

/** Replaces lone surrogates, which UTF-8 cannot hold, by U+FFFD. */
export function toWellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
