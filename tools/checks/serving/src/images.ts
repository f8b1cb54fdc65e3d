import sharp from 'sharp';

/** Returns the bytes of an image in an API's answer. */
export function bytesOf(base64: string | undefined): Uint8Array {
  if (base64 === undefined) throw new Error('the answer has no image');
  return Buffer.from(base64, 'base64');
}

/** Returns a PNG of an image whose lower half is transparent. */
export async function withTransparentHalf(png: Uint8Array): Promise<Uint8Array> {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  for (let i = width * (height >> 1); i < width * height; i++) data[4 * i + 3] = 0;
  return sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}

/** Returns the RGB values of the upper half of an image. */
export async function upperHalf(png: Uint8Array): Promise<Buffer> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return data.subarray(0, 3 * info.width * (info.height >> 1));
}
