import { invariant } from '@transfusion/errors';
import type { RgbImage } from './rgb-image.js';

const GAP = 2;

/** Arranges images in an approximately square grid on white, row by row. */
export function imageGrid(images: readonly RgbImage[]): RgbImage {
  invariant(images.length > 0, () => 'a grid needs at least one image');
  const columns = Math.ceil(Math.sqrt(images.length));
  const rows = Math.ceil(images.length / columns);
  const cellWidth = Math.max(...images.map(({ width }) => width)) + GAP;
  const cellHeight = Math.max(...images.map(({ height }) => height)) + GAP;
  const width = columns * cellWidth - GAP;
  const height = rows * cellHeight - GAP;
  const data = new Uint8Array(width * height * 3).fill(255);
  images.forEach((image, i) => {
    const left = (i % columns) * cellWidth;
    const top = Math.floor(i / columns) * cellHeight;
    for (let y = 0; y < image.height; y++) {
      const line = image.data.subarray(y * image.width * 3, (y + 1) * image.width * 3);
      data.set(line, ((top + y) * width + left) * 3);
    }
  });
  return { width, height, data };
}
