/**
 * The `decoder` of a `tokenizer.json` as a function from a token to bytes. Decoders of byte-pair models
 * can be put so, which is what decoding without half characters needs.
 */
import type { StartTrim } from './byte-decoding.js';
import { byteOfCharacter } from './byte-alphabet.js';
import { invalidTokenizer, type TokenizerStep } from './tokenizer-json.js';

/** Turns tokens into bytes. */
export interface TokenBytes {
  /** @param isFirst true for the first token of a text, where some decoders leave out a space */
  bytesOf(token: string, isFirst: boolean): Uint8Array;
  /** Returns the bytes of an added token: text also where tokens of the model are not. */
  addedBytesOf(token: string, isFirst: boolean): Uint8Array;
  readonly trim?: StartTrim;
}

/** Throws `invalid-file` for a decoder that it does not know. */
export function readDecoder(decoder: TokenizerStep | null, where: string): TokenBytes {
  if (decoder === null) return invalidTokenizer(where, '"decoder" is null: how to decode is not said');
  const isSequence = decoder.type === 'Sequence' && Array.isArray(decoder['decoders']);
  const steps = isSequence ? (decoder['decoders'] as TokenizerStep[]).map((step) => Object(step)) : [decoder];
  const replacements: ((token: string, isFirst: boolean) => string)[] = [];
  let toBytes = utf8;
  let trim: StartTrim | undefined;
  let fused = false;
  for (const step of steps) {
    const { type, pattern, content, start, stop } = step;
    const replaced = (pattern as { String?: unknown } | undefined)?.String;
    if (
      replacements.length === 0 &&
      (type === 'Metaspace' || type === 'WordPiece') &&
      toBytes === utf8 &&
      !fused
    ) {
      replacements.push(type === 'Metaspace' ? metaspace(step, where) : wordPiece(step, where));
    } else if (type === 'ByteLevel') {
      toBytes = byteLevel;
    } else if (type === 'ByteFallback') {
      toBytes = byteFallback;
    } else if (type === 'Fuse') {
      fused = true;
    } else if (type === 'Replace' && typeof replaced === 'string' && typeof content === 'string' && !fused) {
      replacements.push((token) => token.replaceAll(replaced, () => content));
    } else if (type === 'Strip' && typeof content === 'string' && fused && stop === 0) {
      trim = { character: content, count: Number(start) };
    } else {
      return invalidTokenizer(where, `the decoder ${JSON.stringify(step)} is not supported`);
    }
  }
  const replace = (token: string, isFirst: boolean): string =>
    replacements.reduce((text, step) => step(text, isFirst), token);
  const bytesOf: TokenBytes['bytesOf'] = (token, isFirst) => toBytes(replace(token, isFirst));
  return { bytesOf, addedBytesOf: toBytes === byteLevel ? utf8 : bytesOf, trim };
}

/** Spaces for the character that stands for them; the first token's are those that encoding put there. */
function metaspace(step: TokenizerStep, where: string): (token: string, isFirst: boolean) => string {
  const { replacement = '▁', add_prefix_space: hasPrefix } = step;
  const { prepend_scheme: scheme = hasPrefix === false ? 'never' : 'always' } = step;
  if (typeof replacement !== 'string' || replacement === '') {
    return invalidTokenizer(where, 'the "replacement" of the decoder Metaspace is not a character');
  }
  return (token, isFirst) => token.replaceAll(replacement, isFirst && scheme !== 'never' ? '' : ' ');
}

/** Spaces before all tokens but the first and those that continue a word. */
function wordPiece(
  { prefix, cleanup }: TokenizerStep,
  where: string,
): (token: string, isFirst: boolean) => string {
  if (typeof prefix !== 'string')
    return invalidTokenizer(where, 'the "prefix" of the decoder WordPiece is not a text');
  return (token, isFirst) => {
    const continues = token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
    const text = isFirst ? token : continues;
    return cleanup === true ? withoutSpacesBeforePunctuation(text) : text;
  };
}

/** As the reference implementation does it, token by token. */
function withoutSpacesBeforePunctuation(text: string): string {
  return text
    .replace(/ ([.?!,])/g, '$1')
    .replaceAll(" ' ", "'")
    .replaceAll(" n't", "n't")
    .replaceAll(" 'm", "'m")
    .replaceAll(' do not', " don't")
    .replace(/ '(s|ve|re)/g, "'$1");
}

/** UTF-8. */
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
