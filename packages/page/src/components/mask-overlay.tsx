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
  // Stripes, which stand out on every color.
  const stripe = Math.max(1, Math.round(width / 64));
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue;
    const isLight = Math.floor(((i % width) + Math.floor(i / width)) / stripe) % 3 === 0;
    image.data.set(isLight ? [255, 255, 255, 225] : [79, 70, 229, 215], 4 * i);
  }
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}
