/** The lengths of the axes of an array. */
export type Shape = readonly number[];

/** A value of a continuous modality as the model sees it, independent of any engine. */
export interface Latent {
  readonly shape: Shape;
  /** The elements in row-major order. */
  readonly data: Float32Array;
}

/** Returns the number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Returns true if two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** Formats a shape for names and messages: `32x32x3`. */
export function formatShape(shape: Shape): string {
  return shape.join('x');
}
