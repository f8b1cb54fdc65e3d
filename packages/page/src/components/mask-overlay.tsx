import { useEffect, useRef } from 'preact/hooks';
import type { MaskBitmap } from '../mask/mask-bitmap.js';

/** A mask over its image: pixels to generate are colored. */
export function MaskOverlay({ mask }: { readonly mask: MaskBitmap }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => showMask(canvas.current!, mask), [mask]);
  return (
    <canvas ref={canvas} class="mask-overlay" width={mask.width} height={mask.height} aria-hidden="true" />
  );
}

/** Draws a mask onto a canvas of its size. */
export function showMask(canvas: HTMLCanvasElement, { width, height, data }: MaskBitmap): void {
  const image = new ImageData(width, height);
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 1) image.data.set([236, 72, 153, 170], 4 * i);
  }
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}
