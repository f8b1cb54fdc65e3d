import type { Latent, Shape } from '@transfusion/modality';
import type { RgbImage } from '../rgb-image.js';

/**
 * Averages an image to h × w cells by area; a pixel on a border counts in proportion. Returns values [h, w, 3] from
 * -1 to 1.
 *
 * @param shape starts with h and w
 */
export function averageToGrid({ width, height, data }: RgbImage, [h, w]: Shape): Latent {
  const cells = new Float32Array(h * w * 3);
  for (let i = 0; i < h * w; i++) {
    const rows = overlaps(Math.floor(i / w), height / h);
    const columns = overlaps(i % w, width / w);
    const sums = [0, 0, 0];
    for (const [y, rowShare] of rows) {
      for (const [x, columnShare] of columns) {
        const pixel = (y * width + x) * 3;
        for (let c = 0; c < 3; c++) sums[c] += rowShare * columnShare * data[pixel + c];
      }
    }
    cells.set(
      sums.map((sum) => sum / 127.5 - 1),
      i * 3,
    );
  }
  return { shape: [h, w, 3], data: cells };
}

/** Returns the pixels that a cell of `size` pixels overlaps, each with its share of the cell. */
function overlaps(cell: number, size: number): [pixel: number, share: number][] {
  const [start, end] = [cell * size, (cell + 1) * size];
  const first = Math.floor(start);
  return Array.from({ length: Math.ceil(end) - first }, (_, i) => {
    const pixel = first + i;
    return [pixel, (Math.min(pixel + 1, end) - Math.max(pixel, start)) / size];
  });
}
