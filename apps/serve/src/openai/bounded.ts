import { z } from 'zod';

/**
 * Refuses a value with too many entries before any is validated: each wrong one would be an issue of its own, and
 * hundreds of thousands take as long as a whole generation.
 *
 * @param count defaults to the number of an object's fields, or of a list's elements
 */
export function bounded<Schema extends z.ZodType>(
  max: number,
  schema: Schema,
  count: (value: unknown) => number = numEntries,
) {
  return z.preprocess((value, context) => {
    const found = count(value);
    if (found > max) context.addIssue(`expected at most ${max} entries in all, there are ${found}`);
    return value;
  }, schema);
}

/** Returns the number of an object's fields, or of a list's elements; 0 for other values. */
export function numEntries(value: unknown): number {
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}
