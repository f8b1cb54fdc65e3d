/** Image files for tests. */
import sharp from 'sharp';

/** Returns a PNG of one color, with an alpha channel if the color has one. */
export function pngOf(
  width: number,
  height: number,
  background: { readonly r: number; readonly g: number; readonly b: number; readonly alpha?: number } = {
    r: 9,
    g: 9,
    b: 9,
  },
): Promise<Buffer> {
  const channels = background.alpha === undefined ? 3 : 4;
  return sharp({ create: { width, height, channels, background } }).png().toBuffer();
}

/** Returns a PNG's first chunks, which promise a size that the file does not have. */
export function pngHeaderOf(width: number, height: number): Buffer {
  const header = Buffer.alloc(33 + 12);
  header.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 0);
  header.writeUInt32BE(13, 8);
  header.write('IHDR', 12, 'latin1');
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  header.set([8, 2, 0, 0, 0], 24);
  header.writeUInt32BE(crc32(header.subarray(12, 29)), 29);
  header.write('IDAT', 37, 'latin1');
  header.writeUInt32BE(crc32(Buffer.from('IDAT')), 41);
  return header;
}

/** The checksum of PNG's chunks. */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** Returns a data URI. */
export function dataUri(bytes: Uint8Array, mediaType = 'image/png'): string {
  return `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`;
}
