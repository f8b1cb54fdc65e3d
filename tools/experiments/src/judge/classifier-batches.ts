import type { BatchCursor } from '@transfusion/data';
import type { RgbImage } from '@transfusion/modality-image';
import { createRng, type Rng } from '@transfusion/nn';
import type { ClassifierArrays } from './classifier-model.js';
import { distortedPixels, type Distortion } from './distorted-pixels.js';

/** A square training image. */
export interface ClassifierExample {
  readonly image: RgbImage;
  /** Index of the class. */
  readonly label: number;
}

/** Options of {@link classifierBatches}. */
export interface ClassifierBatchOptions {
  readonly numImages: number;
  readonly seed: number;
  /** Number of first steps on images of half the side, which take a quarter of the time. */
  readonly halfSideSteps: number;
  readonly distortion: Distortion;
}

/** Yields endless batches of distorted images, reshuffled in each epoch; equal cursors give equal batches. */
export async function* classifierBatches(
  examples: readonly ClassifierExample[],
  { numImages, seed, halfSideSteps, distortion }: ClassifierBatchOptions,
  cursor?: BatchCursor,
): AsyncGenerator<{ readonly batch: ClassifierArrays; readonly next: BatchCursor }, never> {
  const rng = createRng(seed);
  const order = epochOrders(examples.length, rng.fork('order'));
  const { width } = examples[0].image;
  for (let position = cursor?.position ?? 0; ; position += numImages) {
    const side = position < halfSideSteps * numImages ? width / 2 : width;
    const positions = Array.from({ length: numImages }, (_, i) => position + i);
    const chosen = positions.map((position) => examples[order(position)]);
    const images = new Float32Array(numImages * side * side * 3);
    chosen.forEach(({ image }, i) => {
      const pixels = distortedPixels(image, side, rng.fork('distortion').fork(positions[i]), distortion);
      images.set(pixels, i * pixels.length);
    });
    const next = position + numImages;
    yield {
      batch: { images, side, labels: Int32Array.from(chosen, ({ label }) => label) },
      next: { position: next, taken: [next] },
    };
  }
}

/** Maps a position of the endless sequence to the index of its example. */
function epochOrders(length: number, rng: Rng): (position: number) => number {
  let known: { readonly epoch: number; readonly order: Uint32Array } = {
    epoch: -1,
    order: new Uint32Array(),
  };
  return (position) => {
    const epoch = Math.floor(position / length);
    if (epoch !== known.epoch) known = { epoch, order: rng.fork(epoch).permutation(length) };
    return known.order[position % length];
  };
}
