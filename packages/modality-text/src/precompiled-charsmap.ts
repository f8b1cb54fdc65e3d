/** The normalizer of SentencePiece: a table of characters and what becomes of them, as a double-array trie. */
import { invalidTokenizer } from './tokenizer-json.js';

/** Longer graphemes are looked up character by character, as by the reference implementation. */
const MAX_GRAPHEME_BYTES = 6;

/**
 * Reads `precompiled_charsmap`: base64 of the trie's length, the trie (Yata's darts-clone), and the texts that it
 * leads to, which end in NUL.
 *
 * Throws `invalid-file` if it is damaged.
 */
export function readCharsmap(charsmap: unknown, where: string): (text: string) => string {
  const bytes = typeof charsmap === 'string' ? Buffer.from(charsmap, 'base64') : Buffer.alloc(0);
  const trieBytes = bytes.length < 4 ? NaN : bytes.readUInt32LE(0);
  if (!(trieBytes % 4 === 0 && 4 + trieBytes <= bytes.length)) {
    return invalidTokenizer(where, '"precompiled_charsmap" is damaged');
  }
  const trie = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  const texts = bytes.subarray(4 + trieBytes);

  /** Returns what the shortest prefix of the key becomes; undefined without one. */
  const lookUp = (key: Uint8Array): string | undefined => {
    let position = offsetOf(trie[0] ?? 0);
    for (const byte of key) {
      if (byte === 0) return undefined;
      position ^= byte;
      const unit = trie[position] ?? 0;
      if (labelOf(unit) !== byte) return undefined;
      position ^= offsetOf(unit);
      if (((unit >>> 8) & 1) === 1) return textAt((trie[position] ?? 0) & 0x7fffffff);
    }
    return undefined;
  };
  const textAt = (start: number): string | undefined => {
    const end = texts.indexOf(0, start);
    return start >= texts.length || end < 0 ? undefined : texts.toString('utf8', start, end);
  };

  const known = new Map<string, string | undefined>();
  const replacementOf = (text: string): string | undefined => {
    if (!known.has(text)) known.set(text, lookUp(Buffer.from(text)));
    return known.get(text);
  };
  const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
  return (text) => {
    let normalized = '';
    for (const { segment } of graphemes.segment(text)) {
      const whole = Buffer.byteLength(segment) < MAX_GRAPHEME_BYTES ? replacementOf(segment) : undefined;
      normalized +=
        whole ?? Array.from(segment, (character) => replacementOf(character) ?? character).join('');
    }
    return normalized;
  };
}

function labelOf(unit: number): number {
  return (unit & (0x80000000 | 0xff)) >>> 0;
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
