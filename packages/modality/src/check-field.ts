/** Checks of a single field of a modality, with one form of message. */
import { TransfusionError } from '@transfusion/errors';
import { describeValue } from './describe-value.js';

/** Fields that may have any value so far. */
export type Fields = Readonly<Record<string, unknown>>;

/** A field that is checked. */
export interface FieldCheck {
  /** As in `codec.id`. */
  readonly field: string;
  readonly value: unknown;
  /** The right values, for the message: `a positive integer`. */
  readonly expected: string;
  /** The remedy, as a sentence. */
  readonly remedy: string;
}

/** @throws TransfusionError `invalid-argument` if the field is not right, naming modality, field, found and expected */
export function checkField(name: unknown, isRight: boolean, check: FieldCheck): void {
  const { field, value, expected, remedy } = check;
  if (isRight) return;
  throw new TransfusionError(
    'invalid-argument',
    `modality '${String(name)}': ${field} is ${formatField(value)}, expected ${expected}. ${remedy}`,
  );
}

/** Checks that fields are functions; those of `optional` may be absent. */
export function checkFunctions(
  name: unknown,
  prefix: string,
  fields: Fields,
  required: readonly string[],
  optional: readonly string[] = [],
): void {
  for (const field of [...required, ...optional]) {
    const value = fields[field];
    const isRight = typeof value === 'function' || (value === undefined && optional.includes(field));
    checkField(name, isRight, {
      field: `${prefix}${field}`,
      value,
      expected: 'a function',
      remedy: optional.includes(field) ? 'Implement it, or leave it out.' : 'Implement it.',
    });
  }
}

/** Checks that a config, if there is one, has the type of a factory. */
export function checkConfig(name: unknown, field: string, config: unknown): void {
  const { type } = Object(config) as Fields;
  checkField(name, config === undefined || (typeof type === 'string' && type !== ''), {
    field,
    value: config,
    expected: 'an object with a type',
    remedy: 'Set the type of the factory that rebuilds it, or leave it out.',
  });
}

/** Returns true for a positive integer. */
export function isPositiveInteger(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

/** Returns true for an object that may have fields. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function formatField(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : `[${value.join(', ')}]`;
  return isObject(value) || typeof value === 'function' ? describeValue(value) : String(value);
}
