import type { Shape } from '@transfusion/modality';
import { isPositiveInteger } from './is-positive-integer.js';

/** Returns true for a non-empty list of latent shapes [h, w, C] of positive integers. */
export function isShapes(value: unknown): value is readonly Shape[] {
  const isShape = (shape: unknown): boolean =>
    Array.isArray(shape) && shape.length === 3 && shape.every(isPositiveInteger);
  return Array.isArray(value) && value.length > 0 && value.every(isShape);
}
