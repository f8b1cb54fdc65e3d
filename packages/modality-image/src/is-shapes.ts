import type { Shape } from '@transfusion/modality';
import { isPositiveInteger } from './is-positive-integer.js';

/** Returns true for one latent shape [h, w, C] or more, of positive integers. */
export function isShapes(value: unknown): value is readonly Shape[] {
  const isShape = (shape: unknown): boolean =>
    Array.isArray(shape) && shape.length === 3 && shape.every(isPositiveInteger);
  return Array.isArray(value) && value.length > 0 && value.every(isShape);
}
