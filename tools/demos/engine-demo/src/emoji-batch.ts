/** Turns emoji into tensors; for training, every other one mirrored. */
import * as tf from '@transfusion/tfjs';
import type { EmojiBatch } from './classifier.js';
import type { LabeledEmoji } from './emoji-dataset.js';
import type { Random } from './seeded-random.js';

/** @param mirrorAtRandom without it the images stay as they are. */
export function emojiBatch(
  emoji: LabeledEmoji,
  size: number,
  indices: ArrayLike<number>,
  mirrorAtRandom?: Random,
): EmojiBatch {
  const B = indices.length;
  const length = size * size * 3;
  const images = new Float32Array(B * length);
  for (let row = 0; row < B; row++) {
    const source = emoji.pixels.subarray(indices[row]! * length, (indices[row]! + 1) * length);
    const target = images.subarray(row * length, (row + 1) * length);
    copyImage(source, target, size, mirrorAtRandom !== undefined && mirrorAtRandom() < 0.5);
  }
  return {
    images: tf.tensor4d(images, [B, size, size, 3]),
    styles: tf.tensor1d(
      Int32Array.from(indices, (index) => emoji.styles[index]!),
      'int32',
    ),
    groups: tf.tensor1d(
      Int32Array.from(indices, (index) => emoji.groups[index]!),
      'int32',
    ),
  };
}

/** 0 to 255 becomes 0 to 1. */
function copyImage(source: Uint8Array, target: Float32Array, size: number, mirrored: boolean): void {
  for (let pixel = 0; pixel < size * size; pixel++) {
    const x = pixel % size;
    const from = mirrored ? pixel - x + (size - 1 - x) : pixel;
    for (let channel = 0; channel < 3; channel++)
      target[pixel * 3 + channel] = source[from * 3 + channel]! / 255;
  }
}
