import { nearestName } from './nearest-name.js';
import { TransfusionError } from './transfusion-error.js';

/**
 * Checks that options are an object with known fields only, so that a misspelled one is not ignored.
 *
 * @param where the options in messages, such as `generate: tokenSampling`
 * @param known an object with all fields that there are
 * @throws TransfusionError `invalid-argument` otherwise, with the known field nearest to an unknown one
 */
export function checkFields(where: string, options: unknown, known: Readonly<Record<string, unknown>>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const found = options === null ? 'null' : Array.isArray(options) ? 'an array' : `a ${typeof options}`;
    throw new TransfusionError('invalid-argument', `${where}: found ${found}, expected an object.`);
  }
  const names = Object.keys(known);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, names);
  throw new TransfusionError(
    'invalid-argument',
    `${where}: found the unknown field '${unknown}', expected ${names.join(', ')}. ` +
      (nearest === undefined ? 'Remove it.' : `Did you mean '${nearest}'?`),
  );
}
