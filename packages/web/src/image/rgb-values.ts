/** Images as values: their pixels as the graphs have them, and as callers do. */
import { TransfusionError } from '@transfusion/errors';

/** An image: rows from the top, three bytes a pixel (or four, with alpha), as in `ImageData`. */
export interface PixelImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Resizes an image to cover a size, and crops what is beyond it. */
export type ResizeImage = (image: PixelImage, width: number, height: number) => Promise<PixelImage>;

/** Returns true for a {@link PixelImage} whose data matches its size. */
export function isPixelImage(value: unknown): value is PixelImage {
  if (typeof value !== 'object' || value === null) return false;
  const { width, height, data } = value as Partial<PixelImage>;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width! < 1 || height! < 1) return false;
  const isBytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  return isBytes && [3, 4].includes(data.length / (width! * height!));
}

/** Returns pixels [height, width, 3] from -1 to 1; what is transparent is on white. */
export function pixelsOf({ width, height, data }: PixelImage): Float32Array {
  const channels = data.length / (width * height);
  const pixels = new Float32Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const alpha = channels === 4 ? data[i * 4 + 3] / 255 : 1;
    for (let c = 0; c < 3; c++) {
      const byte = Math.round(data[i * channels + c] * alpha + 255 * (1 - alpha));
      pixels[i * 3 + c] = byte / 127.5 - 1;
    }
  }
  return pixels;
}

/** Returns an image without alpha; what is transparent is on white. */
export function rgbOf(image: PixelImage): { width: number; height: number; data: Uint8Array } {
  const { width, height } = image;
  return { width, height, data: bytesOf(pixelsOf(image)) };
}

/** Returns bytes of pixels from -1 to 1; values outside are clipped. */
export function bytesOf(pixels: Float32Array): Uint8Array {
  return Uint8Array.from(pixels, (value) => Math.min(255, Math.max(0, Math.round((value + 1) * 127.5))));
}

/**
 * Resizes with a canvas.
 *
 * @throws TransfusionError `invalid-argument` for an image of another size where there is no canvas
 */
export async function resizeOnCanvas(image: PixelImage, width: number, height: number): Promise<PixelImage> {
  if (image.width === width && image.height === height) return image;
  if (typeof OffscreenCanvas === 'undefined') {
    throw new TransfusionError(
      'invalid-argument',
      `web: the image has ${image.width}x${image.height} pixels, expected ${width}x${height}: there is no canvas here to ` +
        'resize it. Resize it before.',
    );
  }
  const scale = Math.max(width / image.width, height / image.height);
  const [cutWidth, cutHeight] = [width / scale, height / scale];
  const source = await createImageBitmap(new ImageData(rgba(image), image.width, image.height));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  const [left, top] = [(image.width - cutWidth) / 2, (image.height - cutHeight) / 2];
  context.drawImage(source, left, top, cutWidth, cutHeight, 0, 0, width, height);
  source.close();
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}

function rgba({ width, height, data }: PixelImage): Uint8ClampedArray<ArrayBuffer> {
  const result = new Uint8ClampedArray(width * height * 4).fill(255);
  const channels = data.length / (width * height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < channels; c++) result[i * 4 + c] = data[i * channels + c];
  }
  return result;
}
