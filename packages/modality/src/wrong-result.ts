/** Errors for results that a contract does not allow. */
import { TransfusionError } from '@transfusion/errors';
import { describeValue } from './describe-value.js';

/** Checks that a codec returned an array with one result for each input. */
export function checkCount(
  results: unknown,
  wheres: readonly string[],
  call: string,
  what: string,
  input: string,
): asserts results is readonly unknown[] {
  if (Array.isArray(results) && results.length === wheres.length) return;
  const remedy = `Return one for each ${input}, in order.`;
  if (!Array.isArray(results)) {
    const expected = `an array of ${wheres.length} ${what}`;
    throw wrongResult(`${joinPlaces(wheres)}: ${call}`, describeValue(results), expected, remedy);
  }
  // The first that has none, if there are too few.
  const where = wheres[results.length] ?? joinPlaces(wheres);
  throw wrongResult(`${where}: ${call}`, `${results.length} ${what}`, String(wheres.length), remedy);
}

/** Names the first and the last of some places. */
export function joinPlaces(wheres: readonly string[]): string {
  return wheres.length > 1 ? `${wheres[0]} to ${wheres[wheres.length - 1]}` : (wheres[0] ?? 'no value');
}

/** Returns the error for a result that a contract does not allow. */
export function wrongResult(
  subject: string,
  found: string,
  expected: string,
  remedy: string,
): TransfusionError {
  return new TransfusionError(
    'invalid-plugin',
    `${subject} returned ${found}, expected ${expected}. ${remedy}`,
  );
}
