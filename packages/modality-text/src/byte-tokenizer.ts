import { checkId, createStreamingDecoder, decodeBytes } from './byte-decoding.js';
import type { Tokenizer } from './tokenizer.js';

const VOCAB_SIZE = 256;

/** Returns a tokenizer whose ids are UTF-8 bytes. It needs no training and has no special tokens. */
export function byteTokenizer(): Tokenizer {
  const bytesOf = (id: number): Uint8Array => {
    checkId(id, VOCAB_SIZE);
    return Uint8Array.of(id);
  };
  return {
    id: 'bytes',
    vocabSize: VOCAB_SIZE,
    specialTokens: new Map(),
    encode: (text) => Int32Array.from(new TextEncoder().encode(text)),
    decode: (ids) => decodeBytes(ids, bytesOf),
    createDecoder: () => createStreamingDecoder(bytesOf),
  };
}
