/** Axis lengths. */
export type Shape = readonly number[];

/** A value of a continuous modality as the model sees it, outside any engine: row by row. */
export interface Latent {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** How many numbers a shape holds. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** `32x32x3`: a shape in names and messages. */
export function formatShape(shape: Shape): string {
  return shape.join('x');
}
