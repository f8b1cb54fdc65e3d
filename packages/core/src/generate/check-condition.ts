import { TransfusionError } from '@transfusion/errors';

/**
 * Checks a condition on a request.
 *
 * @param problem the rest of the message: the option, its value, and the expected one
 * @throws TransfusionError `invalid-argument` if it does not hold
 */
export function checkCondition(condition: boolean, problem: string): void {
  if (!condition) throw new TransfusionError('invalid-argument', `generate: ${problem}.`);
}

/** @throws TransfusionError `invalid-argument` for a single value in place of a list */
export function checkIsArray(where: string, name: string, values: unknown): void {
  if (Array.isArray(values)) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: ${name} is ${values === null ? 'null' : typeof values}, expected an array. Put a single one into [ ].`,
  );
}
