import type { RgbImage } from '@transfusion/modality-image';

/** Returns an image of one gray, four pixels high. */
export function gray(level: number, width = 4): RgbImage {
  return { width, height: 4, data: new Uint8Array(width * 12).fill(level) };
}
