/** Returns true for the first bytes of a gzip file. gzip has no random access, which sources need. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
