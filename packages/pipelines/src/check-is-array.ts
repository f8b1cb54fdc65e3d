import { TransfusionError } from '@transfusion/errors';

/**
 * @param name the function and its parameter, for the message
 * @throws TransfusionError `invalid-argument` if `values` is not an array
 */
export function checkIsArray(name: string, values: unknown): void {
  if (Array.isArray(values)) return;
  throw new TransfusionError(
    'invalid-argument',
    `${name}: found ${values === null ? 'null' : typeof values}, expected an array. Wrap a single value in an array: [value].`,
  );
}
