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
function numEntries(value: unknown): number {
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}

/** Maximum number of messages and of their parts and images together: a long conversation, validated in milliseconds. */
export const MAX_PARTS = 2048;

/** Refuses a list of messages that has more than {@link MAX_PARTS}; other values pass. */
export function boundedMessages<Schema extends z.ZodType>(schema: Schema) {
  return bounded(MAX_PARTS, schema, (messages) => {
    if (!Array.isArray(messages)) return 0;
    return messages.reduce<number>((sum, message) => {
      const { content, images } = Object(message) as {
        readonly content?: unknown;
        readonly images?: unknown;
      };
      return sum + 1 + numEntries(content) + numEntries(images);
    }, 0);
  });
}
