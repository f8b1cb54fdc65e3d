import { nearestName, TransfusionError } from '@transfusion/errors';

/** Reads the fields of a file's mapping; a field that is null counts as absent. */
export interface FieldReader {
  readonly file: string;
  value(name: string): unknown;
  text(name: string): string;
  optionalText(name: string): string | undefined;
  textOrNumber(name: string): string | number;
  textOrTexts(name: string): string | readonly string[];
  /** An integer from 0. */
  optionalCount(name: string): number | undefined;
  oneOf<T extends string>(name: string, known: readonly T[]): T;
  optionalOneOf<T extends string>(name: string, known: readonly T[]): T | undefined;
  /** Fields of a mapping, which may be absent. */
  nested(name: string): FieldReader;
  /** @throws TransfusionError `invalid-file` for a field that is not listed, with the one nearest to it */
  checkKnown(names: readonly string[]): void;
  /** Creates the error of a field that is absent. */
  missing(name: string, expected: string): TransfusionError;
}

/**
 * Creates a reader whose errors say file and field.
 *
 * @param prefix of the names in messages, such as `metadata.`
 */
export function fieldReader(
  file: string,
  record: Readonly<Record<string, unknown>>,
  prefix = '',
): FieldReader {
  const value = (name: string): unknown => record[name] ?? undefined;
  const wrong = (name: string, expected: string): TransfusionError =>
    new TransfusionError(
      'invalid-file',
      `${file}: ${prefix}${name} is ${JSON.stringify(record[name])}, expected ${expected}.`,
    );
  const missing = (name: string, expected: string): TransfusionError =>
    new TransfusionError('invalid-file', `${file}: ${prefix}${name} is missing, expected ${expected}.`);
  /** Reads a field that must be there, and pass a test. */
  const required = <T>(name: string, expected: string, test: (found: unknown) => found is T): T => {
    const found = value(name);
    if (found === undefined) throw missing(name, expected);
    if (!test(found)) throw wrong(name, expected);
    return found;
  };
  const optional = <T>(name: string, read: (name: string) => T): T | undefined =>
    value(name) === undefined ? undefined : read(name);
  const isText = (found: unknown): found is string => typeof found === 'string';
  const text = (name: string): string => required(name, 'a text', isText);
  const oneOf = <T extends string>(name: string, known: readonly T[]): T =>
    required(name, known.map((one) => `'${one}'`).join(' or '), (found): found is T =>
      known.includes(found as T),
    );
  return {
    file,
    value,
    text,
    optionalText: (name) => optional(name, text),
    textOrNumber: (name) =>
      required(name, 'a template, a field or a number', (found): found is string | number =>
        ['string', 'number'].includes(typeof found),
      ),
    textOrTexts: (name) =>
      required(
        name,
        'a text or a list of texts',
        (found): found is string | readonly string[] =>
          isText(found) || (Array.isArray(found) && found.every(isText)),
      ),
    optionalCount: (name) =>
      optional(name, () =>
        required(
          name,
          'a non-negative integer',
          (found): found is number => Number.isSafeInteger(found) && (found as number) >= 0,
        ),
      ),
    oneOf,
    optionalOneOf: (name, known) => optional(name, () => oneOf(name, known)),
    nested: (name) => {
      const found = value(name) ?? {};
      if (typeof found !== 'object' || Array.isArray(found)) throw wrong(name, 'fields with values');
      return fieldReader(file, found as Record<string, unknown>, `${prefix}${name}.`);
    },
    checkKnown: (names) => {
      const unknown = Object.keys(record).find((name) => !names.includes(name));
      if (unknown === undefined) return;
      const nearest = nearestName(unknown, names);
      throw new TransfusionError(
        'invalid-file',
        `${file}: the field ${prefix}${unknown} is unknown, expected ${names.join(', ')}. ` +
          (nearest === undefined ? 'Remove it.' : `Did you mean '${nearest}'?`),
      );
    },
    missing,
  };
}
