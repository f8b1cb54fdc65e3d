/** Images as the server reads them: PNG, JPEG, WebP or GIF, and not larger than models need. */

const READABLE = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];

/** Most pixels along a side; larger images are made smaller. */
const MAX_SIDE = 1536;

/** An image that can be sent. */
export interface ReadableImage {
  readonly image: Blob;
  readonly width: number;
  readonly height: number;
}

/** Returns the image of a file, converted if need be. @throws Error if the browser cannot read it */
export async function readableImage(file: Blob): Promise<ReadableImage> {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  try {
    if (scale === 1 && READABLE.includes(file.type)) return { image: file, width, height };
    const canvas = createCanvas(width, height);
    canvas.getContext('2d')!.drawImage(bitmap, 0, 0, width, height);
    return { image: await pngOf(canvas), width, height };
  } finally {
    bitmap.close();
  }
}

/** Returns the PNG file of pixels in RGBA. */
export function pngOfPixels(
  width: number,
  height: number,
  pixels: Uint8ClampedArray<ArrayBuffer>,
): Promise<Blob> {
  const canvas = createCanvas(width, height);
  canvas.getContext('2d')!.putImageData(new ImageData(pixels, width, height), 0, 0);
  return pngOf(canvas);
}

/** Creates a canvas that is not on show. */
export function createCanvas(width: number, height: number): HTMLCanvasElement {
  return Object.assign(document.createElement('canvas'), { width, height });
}

function pngOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The image cannot be encoded.')))),
  );
}
