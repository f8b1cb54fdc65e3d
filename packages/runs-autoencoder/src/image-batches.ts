/** Batches of images for training an autoencoder, from documents of any kind. */
import {
  skippedRecord,
  skipWarnings,
  type BatchCursor,
  type DocumentStream,
  type SkippedRecord,
  type StreamCursor,
  type StreamEntry,
} from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import { sizeOf } from '@transfusion/modality';
import {
  isRgbImage,
  pixelCodec,
  resizeImage,
  type AutoencoderArrays,
  type RgbImage,
} from '@transfusion/modality-image';
import type { Rng } from '@transfusion/nn';

/** Options of {@link streamImageBatches}. */
export interface ImageBatchOptions {
  /** Height and width in pixels; images are scaled and cropped to it. */
  readonly imageSize: readonly [number, number];
  /** Number of images per batch. */
  readonly numImages: number;
  /** Number of noise values per image; 0 for none. */
  readonly noiseLength: number;
  /** Mirrors half of the images, and permutes the color channels of a quarter of them; defaults to false. */
  readonly augment?: boolean;
  /** Called for each unreadable record, and each without an image. Defaults to `skipWarnings`. */
  onSkip?(record: SkippedRecord): void;
}

/** After this many records in a row without a usable image, there is assumed to be none. */
const MAX_SKIPPED_IN_A_ROW = 10_000;

/**
 * Streams endless batches, starting at a cursor; equal cursors give equal batches.
 *
 * @throws TransfusionError `invalid-record` if no record seems to have an image
 */
export async function* streamImageBatches(
  stream: DocumentStream,
  options: ImageBatchOptions,
  cursor: BatchCursor = stream.start,
): AsyncGenerator<{ readonly batch: AutoencoderArrays; readonly next: BatchCursor }, never> {
  const { imageSize, numImages, noiseLength, onSkip = skipWarnings(stream) } = options;
  const [height, width] = imageSize;
  const size = height * width * 3;
  let next: StreamCursor = cursor;
  for (;;) {
    const images = new Float32Array(numImages * size);
    const noise = new Float32Array(numImages * noiseLength);
    for (let filled = 0, skipped = 0; filled < numImages;) {
      const entry = stream.at(next);
      next = entry.next;
      const image = await readImage(entry, options);
      if (!isRgbImage(image)) {
        onSkip(image);
        if (++skipped >= MAX_SKIPPED_IN_A_ROW) throw nothingUsable(image);
        continue;
      }
      skipped = 0;
      const augmentRng = options.augment === true ? entry.rng.fork('augment') : undefined;
      images.set(toPixels(image, augmentRng), filled * size);
      noise.set(entry.rng.fork('noise').normals(noiseLength), filled * noiseLength);
      filled++;
    }
    yield { batch: { images, imageShape: [numImages, height, width, 3], noise }, next };
  }
}

/** Reads the first image of a document. */
async function readImage(
  entry: StreamEntry,
  { imageSize: [height, width] }: ImageBatchOptions,
): Promise<RgbImage | SkippedRecord> {
  try {
    const { segments } = await entry.read();
    const image = segments.map(({ value }) => value).find(isRgbImage);
    if (image === undefined) throw new TransfusionError('invalid-record', 'the record has no image');
    return await resizeImage(image, width, height);
  } catch (error) {
    if (!TransfusionError.isInstance(error)) throw error;
    return skippedRecord(entry, error);
  }
}

/** Returns values from -1 to 1; with `rng`, randomly mirrored and with randomly permuted color channels. */
function toPixels({ width, height, data }: RgbImage, rng: Rng | undefined): Float32Array {
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

/** Converts the values of a batch, from -1 to 1, back to images. */
export function toImages(
  values: Float32Array,
  [height, width]: readonly [number, number],
): Promise<readonly RgbImage[]> {
  const shape = [height, width, 3];
  const size = sizeOf(shape);
  const latents = Array.from({ length: values.length / size }, (_, i) => ({
    shape,
    data: values.subarray(i * size, (i + 1) * size),
  }));
  return pixelCodec([shape]).decode(latents);
}

function nothingUsable({ source, location, reason }: SkippedRecord): TransfusionError {
  return new TransfusionError(
    'invalid-record',
    `${source}: ${MAX_SKIPPED_IN_A_ROW} records in a row have no usable image, the last one ${location}: ${reason}`,
  );
}
