import { TransfusionError } from '@transfusion/errors';

/** Positions that a model sees at a time, unless options tell. */
export const DEFAULT_MAX_LENGTH = 2048;

/** @throws TransfusionError `invalid-argument` unless it is a positive integer */
export function checkMaxLength(where: string, maxLength: number): void {
  if (Number.isSafeInteger(maxLength) && maxLength > 0) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: maxLength is ${maxLength}, expected a positive integer. Use the row length that the model was trained with.`,
  );
}

/** @throws TransfusionError `invalid-argument` unless the window moves on by at least one position, and by no more than it has */
export function checkStride(where: string, stride: number, maxLength: number): void {
  if (Number.isSafeInteger(stride) && stride > 0 && stride <= maxLength) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: stride is ${stride}, expected an integer from 1 to ${maxLength} (maxLength).`,
  );
}
