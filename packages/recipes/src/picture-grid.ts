import type { RgbImage } from '@transfusion/modality-image';
import { invariant } from '@transfusion/nn';

const GAP = 2;

/** Pictures side by side on white, row by row, in about as many rows as columns. */
export function pictureGrid(pictures: readonly RgbImage[]): RgbImage {
  invariant(pictures.length > 0, () => 'a grid of no pictures');
  const columns = Math.ceil(Math.sqrt(pictures.length));
  const rows = Math.ceil(pictures.length / columns);
  const cellWidth = Math.max(...pictures.map(({ width }) => width)) + GAP;
  const cellHeight = Math.max(...pictures.map(({ height }) => height)) + GAP;
  const width = columns * cellWidth - GAP;
  const height = rows * cellHeight - GAP;
  const data = new Uint8Array(width * height * 3).fill(255);
  pictures.forEach((picture, i) => {
    const left = (i % columns) * cellWidth;
    const top = Math.floor(i / columns) * cellHeight;
    for (let y = 0; y < picture.height; y++) {
      const line = picture.data.subarray(y * picture.width * 3, (y + 1) * picture.width * 3);
      data.set(line, ((top + y) * width + left) * 3);
    }
  });
  return { width, height, data };
}
