/** Feature vectors as text, for results in JSON: base64 of float32, least significant byte first. */

/** Formats a vector. */
export function formatVector(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
}

/** Parses a vector that {@link formatVector} wrote. */
export function parseVector(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}
