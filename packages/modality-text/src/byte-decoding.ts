/** Decodes ids to bytes, and bytes to text; shared by all tokenizers of this package. */
import { TransfusionError } from '@transfusion/errors';
import type { StreamingDecoder } from './tokenizer.js';

/** Removes `character` from the start of a decoded text, up to `count` times. */
export interface StartTrim {
  readonly character: string;
  readonly count: number;
}

/** Decodes ids to text, without an incomplete character at the end. */
export function decodeBytes(
  ids: ArrayLike<number>,
  bytesOf: (id: number) => Uint8Array,
  trim?: StartTrim,
): string {
  const parts = Array.from(ids, bytesOf);
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return createByteWriter(trim)(all);
}

/** Creates a decoder that does the same as {@link decodeBytes}, one id at a time. */
export function createStreamingDecoder(
  bytesOf: (id: number) => Uint8Array,
  trim?: StartTrim,
): StreamingDecoder {
  const write = createByteWriter(trim);
  return { push: (id) => write(bytesOf(id)) };
}

/** Checks that an id is in the vocabulary. @throws TransfusionError `invalid-argument` */
export function checkId(id: number, vocabSize: number): void {
  if (Number.isInteger(id) && id >= 0 && id < vocabSize) return;
  throw new TransfusionError(
    'invalid-argument',
    `tokenizer: cannot decode id ${id}, expected an integer from 0 to ${vocabSize - 1} ` +
      `(vocabSize ${vocabSize}). Decode with the tokenizer that encoded the ids.`,
  );
}

function createByteWriter(trim: StartTrim | undefined): (bytes: Uint8Array) => string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let remainingTrims = trim?.count ?? 0;
  return (bytes) => {
    let text = decoder.decode(bytes, { stream: true });
    while (remainingTrims > 0 && text !== '') {
      if (text[0] === trim?.character) {
        text = text.slice(1);
        remainingTrims--;
      } else {
        remainingTrims = 0;
      }
    }
    return text;
  };
}
