/** Decoding of ids by way of bytes, shared by all tokenizers of this package. */
import { TransfusionError } from '@transfusion/errors';
import type { StreamingDecoder } from './tokenizer.js';

/** Characters to remove from the start of a decoded text: up to `count` times `character`. */
export interface StartTrim {
  readonly character: string;
  readonly count: number;
}

/**
 * Returns the bytes of an id; undefined for one that is left out.
 *
 * @param isFirst true until an id is not left out
 */
export type BytesOf = (id: number, isFirst: boolean) => Uint8Array | undefined;

/** Returns the text of all ids without an incomplete character at the end. */
export function decodeBytes(ids: ArrayLike<number>, bytesOf: BytesOf, trim?: StartTrim): string {
  const next = inOrder(bytesOf);
  const parts = Array.from(ids, next);
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return createByteSink(trim)(all);
}

/** Makes a decoder that does {@link decodeBytes} id by id. */
export function createStreamingDecoder(bytesOf: BytesOf, trim?: StartTrim): StreamingDecoder {
  const write = createByteSink(trim);
  const next = inOrder(bytesOf);
  return { push: (id) => write(next(id)) };
}

function inOrder(bytesOf: BytesOf): (id: number) => Uint8Array {
  let isFirst = true;
  return (id) => {
    const bytes = bytesOf(id, isFirst);
    if (bytes !== undefined) isFirst = false;
    return bytes ?? new Uint8Array();
  };
}

/** Throws unless this is an id of the vocabulary. */
export function checkId(id: number, vocabSize: number): void {
  if (Number.isInteger(id) && id >= 0 && id < vocabSize) return;
  throw new TransfusionError(
    'invalid-argument',
    `tokenizer: cannot decode id ${id}, expected an integer from 0 to ${vocabSize - 1} ` +
      `(vocabSize ${vocabSize}). Decode with the tokenizer that made the ids.`,
  );
}

function createByteSink(trim: StartTrim | undefined): (bytes: Uint8Array) => string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let toTrim = trim?.count ?? 0;
  return (bytes) => {
    let text = decoder.decode(bytes, { stream: true });
    while (toTrim > 0 && text !== '') {
      if (text[0] === trim?.character) {
        text = text.slice(1);
        toTrim--;
      } else {
        toTrim = 0;
      }
    }
    return text;
  };
}
