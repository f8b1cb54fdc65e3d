/** Comparison of images of the page: PNG files as data URIs. */
import sharp from 'sharp';

/** Returns the largest difference between two images, of 255. */
export async function differenceOf(first: string, second: string): Promise<number> {
  const [a, b] = await Promise.all([first, second].map(pixelsOf));
  return a.data.reduce((most, byte, i) => Math.max(most, Math.abs(byte - b.data[i])), 0);
}

/** Lists the rows in which two images of one size differ. */
export async function differingRows(first: string, second: string): Promise<number[]> {
  const [a, b] = await Promise.all([first, second].map(pixelsOf));
  const { height, width } = a.info;
  const row = ({ data }: typeof a, y: number): Buffer => data.subarray(3 * width * y, 3 * width * (y + 1));
  return Array.from({ length: height }, (_, y) => y).filter((y) => !row(a, y).equals(row(b, y)));
}

function pixelsOf(dataUri: string) {
  const png = Buffer.from(dataUri.slice(dataUri.indexOf(',') + 1), 'base64');
  return sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
}
