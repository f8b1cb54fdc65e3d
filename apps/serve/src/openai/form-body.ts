/** Fields of a form as the values of a JSON body, which are typed. */
import type { z } from 'zod';

/** A field's name, and its text or file. */
export type FormEntry = readonly [name: string, value: string | Uint8Array];

/**
 * Returns the fields of a form as an object for a schema: several values of a field, and those of `name[]`, are a list.
 * A text that the schema does not take as such is read as JSON: `2`, `true`, `[0, 0.5]`.
 */
export function formBody(schema: z.ZodObject, entries: readonly FormEntry[]): Record<string, unknown> {
  const values = new Map<string, (string | Uint8Array)[]>();
  const lists = new Set<string>();
  for (const [key, value] of entries) {
    const name = key.replace(/\[\]$/, '');
    if (name !== key || values.has(name)) lists.add(name);
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const fields = [...values].map(([name, list]) => [
    name,
    typedValue(
      Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined,
      lists.has(name) ? list : list[0],
    ),
  ]);
  return Object.fromEntries(fields);
}

function typedValue(schema: z.core.$ZodType | undefined, value: unknown): unknown {
  const isString = typeof value === 'string';
  if (schema === undefined || (!isString && !Array.isArray(value))) return value;
  if ((schema as z.ZodType).safeParse(value).success) return value;
  return isString
    ? jsonValue(value)
    : (value as unknown[]).map((one) => (typeof one === 'string' ? jsonValue(one) : one));
}

function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
