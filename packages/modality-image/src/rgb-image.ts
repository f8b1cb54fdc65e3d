/** An image in memory: 8-bit sRGB, row by row from the top, three bytes per pixel. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** height · width · 3 bytes. */
  readonly data: Uint8Array;
}

/** Returns true for an {@link RgbImage} whose data matches its size. */
export function isRgbImage(value: unknown): value is RgbImage {
  if (typeof value !== 'object' || value === null) return false;
  const { width, height, data } = value as Partial<RgbImage>;
  return (
    Number.isInteger(width) &&
    Number.isInteger(height) &&
    width! > 0 &&
    height! > 0 &&
    data instanceof Uint8Array &&
    data.length === width! * height! * 3
  );
}
