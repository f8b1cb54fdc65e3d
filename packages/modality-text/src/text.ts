import type { DiscreteModality } from '@transfusion/modality';
import { byteTokenizer } from './byte-tokenizer.js';
import type { Tokenizer } from './tokenizer.js';

/** Options of {@link text}. */
export interface TextOptions<Name extends string = 'text'> {
  /** {@link byteTokenizer} unless given. */
  readonly tokenizer?: Tokenizer;
  /** The modality's name in documents and checkpoints; `text` unless given. */
  readonly name?: Name;
}

/** Text as a modality of tokens. */
export interface TextModality<Name extends string = 'text'> extends DiscreteModality<Name, string> {
  readonly tokenizer: Tokenizer;
  encode(value: string): Int32Array;
  decode(ids: Int32Array): string;
}

/**
 * Text for a Transfusion model. Special tokens of the tokenizer have no part in it: no text encodes to
 * them, and they decode to nothing.
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
  };
}
