import type { PixelMask } from '@transfusion/modality-image';

/** Returns a mask over the left, the top, the right or the bottom half of a square image, by number. */
export function halfMask(side: number, number: number): PixelMask {
  const isMasked = [
    (x: number): boolean => x < side / 2,
    (_: number, y: number): boolean => y < side / 2,
    (x: number): boolean => x >= side / 2,
    (_: number, y: number): boolean => y >= side / 2,
  ][number % 4];
  const data = Uint8Array.from({ length: side * side }, (_, i) =>
    isMasked(i % side, Math.floor(i / side)) ? 255 : 0,
  );
  return { width: side, height: side, data };
}
