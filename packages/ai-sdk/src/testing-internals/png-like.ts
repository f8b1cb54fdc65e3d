/** The start of a PNG, by which the AI SDK knows its type, and a number to tell it from others. */
export function pngLike(number: number): Uint8Array {
  return Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, number);
}
