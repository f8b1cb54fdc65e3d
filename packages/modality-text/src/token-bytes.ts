/**
 * Converts the `decoder` of a `tokenizer.json` to a function from tokens to bytes, which decoding without incomplete
 * characters needs.
 */
import type { StartTrim } from './byte-decoding.js';
import { byteOfCharacter } from './byte-alphabet.js';
import { invalidTokenizer, type TokenizerStep } from './tokenizer-json.js';

/** Converts tokens to bytes. */
export interface TokenBytes {
  bytesOf(token: string): Uint8Array;
  readonly trim?: StartTrim;
}

/** Reads a decoder. @throws TransfusionError `invalid-file` if it is not supported */
export function readDecoder(decoder: TokenizerStep | null, where: string): TokenBytes {
  if (decoder === null) return invalidTokenizer(where, '"decoder" is null, so its tokens cannot be decoded');
  const isSequence = decoder.type === 'Sequence' && Array.isArray(decoder['decoders']);
  const steps = isSequence ? (decoder['decoders'] as TokenizerStep[]) : [decoder];
  const replacements: ((token: string) => string)[] = [];
  let toBytes = utf8;
  let trim: StartTrim | undefined;
  let isFused = false;
  for (const step of steps) {
    const { type, pattern, content, start, stop } = step;
    const toReplace = (pattern as { String?: unknown } | undefined)?.String;
    if (type === 'ByteLevel') {
      toBytes = byteLevel;
    } else if (type === 'ByteFallback') {
      toBytes = byteFallback;
    } else if (type === 'Fuse') {
      isFused = true;
    } else if (
      type === 'Replace' &&
      typeof toReplace === 'string' &&
      typeof content === 'string' &&
      !isFused
    ) {
      replacements.push((token) => token.replaceAll(toReplace, () => content));
    } else if (type === 'Strip' && typeof content === 'string' && isFused && stop === 0) {
      trim = { character: content, count: Number(start) };
    } else {
      return invalidTokenizer(where, `the decoder ${JSON.stringify(step)} is not supported`);
    }
  }
  const replace = (token: string): string => replacements.reduce((text, step) => step(text), token);
  return { bytesOf: (token) => toBytes(replace(token)), trim };
}

/** Encodes text as UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function byteLevel(token: string): Uint8Array {
  const bytes = Array.from(token, byteOfCharacter);
  return bytes.includes(undefined) ? utf8(token) : Uint8Array.from(bytes as number[]);
}

function byteFallback(token: string): Uint8Array {
  const [, hex] = /^<0x([0-9A-Fa-f]{2})>$/.exec(token) ?? [];
  return hex === undefined ? utf8(token) : Uint8Array.of(Number.parseInt(hex, 16));
}
