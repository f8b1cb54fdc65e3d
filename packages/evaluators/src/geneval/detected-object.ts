/** Objects that a detector finds in a generated value. */
import { TransfusionError } from '@transfusion/errors';

/** A detected object. */
export interface DetectedObject {
  readonly class: string;
  /** Confidence, from 0 to 1. */
  readonly score: number;
  /** Left, top, right and bottom, in pixels. */
  readonly box: readonly [x0: number, y0: number, x1: number, y1: number];
  /** Color, if the detector tells it. */
  readonly color?: string;
}

/** Finds objects. */
export interface ObjectDetector<Value = unknown> {
  /** Name and hash of its weights, for reports. */
  readonly id: string;
  /** Classes that it knows; a prompt with another class is an error. */
  readonly classes?: readonly string[];
  /** Returns the objects of an image, in any order, also those of low confidence. */
  detect(image: Value): Promise<readonly DetectedObject[]>;
}

/**
 * Checks what a detector has returned.
 *
 * @throws TransfusionError `invalid-plugin` for a score or box that is not a number, or out of range
 */
export function checkDetections(where: string, objects: readonly DetectedObject[]): void {
  objects.forEach(({ class: name, score, box }, i) => {
    const isBox = Array.isArray(box) && box.length === 4 && box.every((value) => Number.isFinite(value));
    const problem =
      typeof name !== 'string'
        ? `class ${String(name)}, expected a string`
        : !(score >= 0 && score <= 1)
          ? `score ${score}, expected a number from 0 to 1`
          : !isBox || box[0] > box[2] || box[1] > box[3]
            ? `box [${String(box)}], expected finite [x0, y0, x1, y1] with x0 ≤ x1 and y0 ≤ y1`
            : undefined;
    if (problem === undefined) return;
    throw new TransfusionError('invalid-plugin', `${where}: object ${i} of the detector has the ${problem}.`);
  });
}

/** Returns objects by class: those above the threshold, the most confident ones first, at most `maxObjects` of a class. */
export function confidentObjects(
  objects: readonly DetectedObject[],
  threshold: number,
  maxObjects: number,
): ReadonlyMap<string, readonly DetectedObject[]> {
  const byClass = new Map<string, DetectedObject[]>();
  const sorted = objects.filter(({ score }) => score > threshold).sort((a, b) => b.score - a.score);
  for (const object of sorted) {
    const group = byClass.get(object.class) ?? [];
    if (group.length < maxObjects) group.push(object);
    byClass.set(object.class, group);
  }
  return byClass;
}
