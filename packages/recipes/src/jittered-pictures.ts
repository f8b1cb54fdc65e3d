/** Pictures a little larger or smaller and off their place, so that a model learns what they show, not their pixels. */
import type { DocumentSource } from '@transfusion/data';
import { isRgbImage, resizeImage, type RgbImage } from '@transfusion/modality-image';
import { createRng, type Rng } from '@transfusion/nn';

/** Scales of the picture's side. */
const [SMALLEST, LARGEST] = [0.85, 1.1];

/** Most that a picture is moved, as a part of its side. */
const LARGEST_SHIFT = 0.06;

/**
 * The source with each record several times: record `i` is record `i mod length` of the source with its
 * pictures jittered, always in the same way. What the jitter uncovers is white.
 */
export function jitteredPictures(source: DocumentSource, versions: number): DocumentSource {
  return {
    name: `${source.name}, jittered`,
    length: source.length * versions,
    place: (index) => source.place(index % source.length),
    read: async (index, rng, options) => {
      const { segments } = await source.read(index % source.length, rng, options);
      const jitter = createRng(index).fork('jitter');
      return {
        segments: await Promise.all(
          segments.map(async (segment, i) =>
            isRgbImage(segment.value)
              ? { ...segment, value: await jittered(segment.value, jitter.fork(i)) }
              : segment,
          ),
        ),
      };
    },
  };
}

async function jittered(image: RgbImage, rng: Rng): Promise<RgbImage> {
  const { width, height } = image;
  const scale = SMALLEST + rng.uniform() * (LARGEST - SMALLEST);
  const scaled = await resizeImage(image, Math.round(width * scale), Math.round(height * scale));
  const shift = (side: number, inner: number): number =>
    Math.round((side - inner) / 2 + (rng.uniform() * 2 - 1) * LARGEST_SHIFT * side);
  const [left, top] = [shift(width, scaled.width), shift(height, scaled.height)];
  const data = new Uint8Array(width * height * 3).fill(255);
  for (let y = Math.max(0, top); y < Math.min(height, top + scaled.height); y++) {
    const from = Math.max(0, left);
    const to = Math.min(width, left + scaled.width);
    const start = ((y - top) * scaled.width + from - left) * 3;
    data.set(scaled.data.subarray(start, start + (to - from) * 3), (y * width + from) * 3);
  }
  return { width, height, data };
}
