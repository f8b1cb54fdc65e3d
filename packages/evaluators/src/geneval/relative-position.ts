/** Position of one box relative to another, as GenEval defines it (Ghosh et al. 2023, section 3.2). */
import type { DetectedObject } from './detected-object.js';

/** Relations of GenEval's prompts. */
export const RELATIONS = ['left of', 'right of', 'above', 'below'] as const;

/** Place of an object relative to another. */
export type Relation = (typeof RELATIONS)[number];

type Box = DetectedObject['box'];

/** Offsets below this many pixels are none. */
const MIN_OFFSET = 1e-3;

/** Share of the distance along an axis, from which the relation along that axis holds. */
const MIN_SHARE = 0.5;

/**
 * Returns the relations of box `a` to box `b`: none, one or (diagonally) two. The offset of the centers is first shortened
 * along each axis, by `threshold` times the sum of both sides.
 */
export function relativePositions(a: Box, b: Box, threshold: number): readonly Relation[] {
  const offset = [0, 1].map((axis) => (a[axis] + a[axis + 2] - b[axis] - b[axis + 2]) / 2);
  const shortened = offset.map((distance, axis) => {
    const sides = a[axis + 2] - a[axis] + b[axis + 2] - b[axis];
    return Math.sign(distance) * Math.max(0, Math.abs(distance) - threshold * sides);
  });
  if (shortened.every((distance) => Math.abs(distance) < MIN_OFFSET)) return [];
  const [dx, dy] = shortened.map((distance) => distance / Math.hypot(...offset));
  const holds: Readonly<Record<Relation, boolean>> = {
    'left of': dx < -MIN_SHARE,
    'right of': dx > MIN_SHARE,
    above: dy < -MIN_SHARE,
    below: dy > MIN_SHARE,
  };
  return RELATIONS.filter((relation) => holds[relation]);
}
