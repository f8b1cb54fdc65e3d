import type { DiscreteModality } from '@transfusion/modality';
import type { JsonTokenizer } from './json-tokenizer.js';
import { byteTokenizer } from './byte-tokenizer.js';
import { textMedia } from './text-media.js';
import { TOKENIZER_FILE, writeTokenizer } from './tokenizer-bytes.js';
import type { Tokenizer } from './tokenizer.js';

/** Options of {@link text}. */
export interface TextOptions<Name extends string = 'text'> {
  /** Defaults to {@link byteTokenizer}. */
  readonly tokenizer?: Tokenizer;
  /** Name of the modality in documents and checkpoints; defaults to `text`. */
  readonly name?: Name;
}

/** A text modality. */
export interface TextModality<Name extends string = 'text'> extends DiscreteModality<Name, string> {
  readonly tokenizer: Tokenizer;
  encode(value: string): Int32Array;
  decode(ids: Int32Array): string;
}

/**
 * Creates a text modality. It ignores the tokenizer's special tokens: no text encodes to them, and they decode to
 * nothing. With a custom tokenizer, which has no `tokenizer.json`, the modality has no `config`.
 */
export function text<Name extends string = 'text'>(options: TextOptions<Name> = {}): TextModality<Name> {
  const { tokenizer = byteTokenizer(), name = 'text' as Name } = options;
  return {
    specificationVersion: 'v1',
    kind: 'discrete',
    name,
    id: tokenizer.id,
    vocabSize: tokenizer.vocabSize,
    tokenizer,
    accepts: (value): value is string => typeof value === 'string',
    encode: (value) => tokenizer.encode(value),
    decode: (ids) => tokenizer.decode(ids),
    media: textMedia,
    ...storedTokenizer(tokenizer),
  };
}

function storedTokenizer(tokenizer: Tokenizer): Pick<TextModality, 'config' | 'assets'> {
  if (isJsonTokenizer(tokenizer)) {
    return {
      config: { type: 'text', tokenizer: TOKENIZER_FILE },
      assets: async () => ({ [TOKENIZER_FILE]: writeTokenizer(tokenizer) }),
    };
  }
  return tokenizer.id === byteTokenizer().id ? { config: { type: 'text', tokenizer: 'bytes' } } : {};
}

function isJsonTokenizer(tokenizer: Tokenizer): tokenizer is JsonTokenizer {
  return 'toTokenizerJson' in tokenizer;
}
