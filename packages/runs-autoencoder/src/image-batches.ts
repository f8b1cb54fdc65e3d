/** Batches of images for an autoencoder, from the images of any documents. */
import {
  skipWarnings,
  type BatchCursor,
  type DocumentStream,
  type SkippedRecord,
  type StreamState,
} from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import { isRgbImage, resizeImage, type AutoencoderArrays, type RgbImage } from '@transfusion/modality-image';
import type { Rng } from '@transfusion/nn';

/** Size and content of the batches. */
export interface ImageBatchOptions {
  /** Height and width in pixels; images are scaled and cropped to it. */
  readonly imageSize: readonly [number, number];
  /** Images in a batch. */
  readonly numImages: number;
  /** Number of noise values for each image; 0 without noise. */
  readonly noiseSize: number;
  /** Mirrors half of the images, and exchanges color channels in a quarter of them. */
  readonly augment?: boolean;
  /** Called for each record that cannot be read. */
  onSkip?(record: SkippedRecord): void;
}

/** So many records in a row without a usable image mean that there are none. */
const MAX_SKIPPED_IN_A_ROW = 10_000;

/**
 * Streams endless batches from a cursor on; equal cursors give equal batches.
 *
 * @throws TransfusionError `invalid-record` if no record seems to have an image
 */
export async function* streamImageBatches(
  stream: DocumentStream,
  options: ImageBatchOptions,
  cursor: BatchCursor = stream.start,
): AsyncGenerator<{ readonly batch: AutoencoderArrays; readonly next: BatchCursor }, never> {
  const { imageSize, numImages, noiseSize, onSkip = skipWarnings(stream) } = options;
  const [height, width] = imageSize;
  const size = height * width * 3;
  let state: StreamState = cursor;
  for (;;) {
    const images = new Float32Array(numImages * size);
    const noise = new Float32Array(numImages * noiseSize);
    for (let filled = 0, skipped = 0; filled < numImages;) {
      const entry = stream.at(state);
      state = entry.next;
      const found = await readImage(entry, options);
      if (!isRgbImage(found)) {
        onSkip(found);
        if (++skipped >= MAX_SKIPPED_IN_A_ROW) throw nothingUsable(found);
        continue;
      }
      skipped = 0;
      images.set(
        pixels(found, options.augment === true ? entry.rng.fork('augment') : undefined),
        filled * size,
      );
      noise.set(entry.rng.fork('noise').normals(noiseSize), filled * noiseSize);
      filled++;
    }
    yield { batch: { images, imageShape: [numImages, height, width, 3], noise }, next: state };
  }
}

/** Reads the first image of the document. */
async function readImage(
  entry: ReturnType<DocumentStream['at']>,
  { imageSize: [height, width] }: ImageBatchOptions,
): Promise<RgbImage | SkippedRecord> {
  const { source, index } = entry;
  const location = source.locate(index);
  try {
    const { segments } = await entry.read();
    const image = segments.map(({ value }) => value).find(isRgbImage);
    if (image !== undefined) return await resizeImage(image, width, height);
    return { source: source.name, location, reason: 'the record has no image' };
  } catch (error) {
    if (!TransfusionError.isInstance(error)) throw error;
    return { source: source.name, location, reason: error.message };
  }
}

/** Returns values from -1 to 1; with `rng`, mirrored or with exchanged colors at times. */
function pixels({ width, height, data }: RgbImage, rng: Rng | undefined): Float32Array {
  const isMirrored = rng !== undefined && rng.uniform() < 0.5;
  const channels = rng !== undefined && rng.uniform() < 0.25 ? rng.permutation(3) : [0, 1, 2];
  const result = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * 3;
      const from = (y * width + (isMirrored ? width - 1 - x : x)) * 3;
      for (let c = 0; c < 3; c++) result[to + c] = data[from + channels[c]] / 127.5 - 1;
    }
  }
  return result;
}

function nothingUsable({ source, location, reason }: SkippedRecord): TransfusionError {
  return new TransfusionError(
    'invalid-record',
    `${source}: ${MAX_SKIPPED_IN_A_ROW} records in a row had no usable image, the last of them ${location}: ${reason}`,
  );
}
