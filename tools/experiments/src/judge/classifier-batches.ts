import type { BatchCursor } from '@transfusion/data';
import type { RgbImage } from '@transfusion/modality-image';
import { createRng, type Rng } from '@transfusion/nn';
import type { ClassifierArrays } from './classifier-model.js';
import { distortedPixels, type Distortion } from './distorted-pixels.js';

/** A square image to learn from. */
export interface ClassifierExample {
  readonly image: RgbImage;
  /** Number of the class. */
  readonly label: number;
}

/** How batches are made. */
export interface ClassifierBatchOptions {
  readonly numImages: number;
  readonly seed: number;
  /** So many steps go over images of half the side, which takes a quarter of the time. */
  readonly halfSideSteps: number;
  readonly distortion: Distortion;
}

/** Endless batches of distorted images, shuffled anew in each epoch; equal cursors give equal batches. */
export async function* classifierBatches(
  examples: readonly ClassifierExample[],
  { numImages, seed, halfSideSteps, distortion }: ClassifierBatchOptions,
  from?: BatchCursor,
): AsyncGenerator<{ readonly batch: ClassifierArrays; readonly next: BatchCursor }, never> {
  const rng = createRng(seed);
  const order = epochOrders(examples.length, rng.fork('order'));
  const { width } = examples[0].image;
  for (let position = from?.position ?? 0; ; position += numImages) {
    const side = position < halfSideSteps * numImages ? width / 2 : width;
    const places = Array.from({ length: numImages }, (_, i) => position + i);
    const chosen = places.map((place) => examples[order(place)]);
    const images = new Float32Array(numImages * side * side * 3);
    chosen.forEach(({ image }, i) => {
      const pixels = distortedPixels(image, side, rng.fork('distortion').fork(places[i]), distortion);
      images.set(pixels, i * pixels.length);
    });
    const next = position + numImages;
    yield {
      batch: { images, side, labels: Int32Array.from(chosen, ({ label }) => label) },
      next: { position: next, taken: [next] },
    };
  }
}

/** Which example stands at a place of the endless sequence. */
function epochOrders(length: number, rng: Rng): (place: number) => number {
  let known: { readonly epoch: number; readonly order: Uint32Array } = {
    epoch: -1,
    order: new Uint32Array(),
  };
  return (place) => {
    const epoch = Math.floor(place / length);
    if (epoch !== known.epoch) known = { epoch, order: rng.fork(epoch).permutation(length) };
    return known.order[place % length];
  };
}
