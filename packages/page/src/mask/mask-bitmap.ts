/** Masks as bytes: 1 where pixels are to be generated. */

/** A mask of the size of its image. */
export interface MaskBitmap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A position in pixels of the image; pixel i reaches from i to i + 1. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Returns a mask without any pixel. */
export function emptyMask(width: number, height: number): MaskBitmap {
  return { width, height, data: new Uint8Array(width * height) };
}

/** Returns true if no pixel is to be generated. */
export function isEmptyMask({ data }: MaskBitmap): boolean {
  return !data.includes(1);
}

/** Returns a mask of the other pixels. */
export function invertMask({ width, height, data }: MaskBitmap): MaskBitmap {
  return { width, height, data: data.map((value) => 1 - value) };
}

/**
 * Paints into a mask all pixels whose centers are within `radius` of the line from one point to another, and those that
 * the line's ends lie in: the thinnest brush paints pixels, too.
 *
 * @param value 1 to paint, 0 to erase
 */
export function paintLine(mask: MaskBitmap, from: Point, to: Point, radius: number, value: 0 | 1): void {
  const { width, height, data } = mask;
  const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - radius));
  const right = Math.min(width - 1, Math.ceil(Math.max(from.x, to.x) + radius));
  const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - radius));
  const bottom = Math.min(height - 1, Math.ceil(Math.max(from.y, to.y) + radius));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      if (squaredDistance({ x: x + 0.5, y: y + 0.5 }, from, to) <= radius * radius)
        data[y * width + x] = value;
    }
  }
  for (const point of [from, to]) {
    const [x, y] = [Math.floor(point.x), Math.floor(point.y)];
    if (x >= 0 && x < width && y >= 0 && y < height) data[y * width + x] = value;
  }
}

/** Returns the squared distance of a point from a line segment. */
function squaredDistance(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / length;
  const t = Math.min(1, Math.max(0, along));
  return (point.x - from.x - t * dx) ** 2 + (point.y - from.y - t * dy) ** 2;
}

/** Returns pixels in RGBA whose alpha is 0 where the mask is 1, as servers read masks. */
export function maskPixels({ data }: MaskBitmap): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(data.length * 4);
  for (let i = 0; i < data.length; i++) pixels[4 * i + 3] = data[i] === 1 ? 0 : 255;
  return pixels;
}
