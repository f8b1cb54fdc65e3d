import { TransfusionError } from '@transfusion/errors';

/** @throws TransfusionError `invalid-argument` for a single value in place of a list */
export function checkIsArray(name: string, values: unknown): void {
  if (Array.isArray(values)) return;
  throw new TransfusionError(
    'invalid-argument',
    `${name}: found ${values === null ? 'null' : typeof values}, expected an array. Put a single value into [ ].`,
  );
}
