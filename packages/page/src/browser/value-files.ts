/** Values of the model in the browser, from files and as files. */
import type { ArrayValue, PixelImage } from '@transfusion/web';
import type { MediaValue } from '../api/backend.js';
import { createCanvas, pngOfPixels } from '../state/image-file.js';

/** Reads the pixels of an image in a data URI. @throws Error if the browser cannot read it */
export async function pixelsOfImage(dataUri: string): Promise<PixelImage> {
  // Read as an image: the page's policy lets `fetch` have no other addresses than the server's.
  const image = new Image();
  image.src = dataUri;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const context = createCanvas(width, height).getContext('2d')!;
  context.drawImage(image, 0, 0);
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}

/** Writes a value: images as PNG, anything else as its bytes. */
export async function fileOfValue(
  { shape, data }: ArrayValue,
  mediaType: string | undefined,
): Promise<MediaValue> {
  if (mediaType?.startsWith('image/') !== true) {
    const { buffer, byteOffset, byteLength } = data;
    const bytes = new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
    return { mediaType: 'application/octet-stream', bytes };
  }
  const [height, width] = shape;
  const pixels = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) {
    for (let channel = 0; channel < 3; channel++) pixels[4 * i + channel] = data[3 * i + channel];
  }
  const file = await pngOfPixels(width, height, pixels);
  return { mediaType: 'image/png', bytes: new Uint8Array(await file.arrayBuffer()) };
}
