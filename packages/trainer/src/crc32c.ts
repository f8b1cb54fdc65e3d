/** CRC-32C (Castagnoli; RFC 3720), the checksum of TFRecord files, the format of TensorBoard logs. `zlib.crc32` uses a different
 * polynomial. */

const POLYNOMIAL = 0x82f63b78; // bit-reversed

/** CRC of each byte value. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

/** Computes the CRC-32C of bytes. */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}
