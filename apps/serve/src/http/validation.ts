/** Validation of requests by zod schemas, with errors that name the field, what was found, and what is expected. */
import { nearestName } from '@transfusion/errors';
import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { invalidRequest, type ApiError } from '../openai/api-error.js';

/** Compiles a route's zod schema to a validator that fails with an `ApiError`. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (data) => {
    const result = schema.safeParse(data);
    return result.success ? { value: result.data } : { error: validationError(schema, data, result.error) };
  };

/** Returns the error for the first problem of a request's body. */
export function validationError(schema: z.ZodType, data: unknown, error: z.ZodError): ApiError {
  const issue = innermost(error.issues[0]);
  if (issue.code === 'unrecognized_keys') return unknownField(schema, issue);
  const param = fieldName(issue.path);
  const found = shortly(valueAt(data, issue.path));
  return invalidRequest(`${param || 'body'}: found ${found}. ${sentence(issue.message)}`, param || undefined);
}

type Issue = z.core.$ZodIssue;

/** Returns the issue that says most. Of a union's issues, those of the alternative that fits best say what is wrong: the one that fails deepest. */
function innermost(issue: Issue): Issue {
  if (issue.code === 'invalid_key') return { ...issue, message: issue.issues[0].message };
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const candidates = issue.errors.flatMap((issues) => issues.slice(0, 1)).map(innermost);
  const deepest = candidates.reduce((best, next) => (next.path.length > best.path.length ? next : best));
  if (deepest.path.length === 0 && deepest.code === 'invalid_type') {
    const expected = candidates.flatMap((one) => (one.code === 'invalid_type' ? [one.expected] : []));
    return { ...deepest, path: issue.path, message: `Expected ${[...new Set(expected)].join(' or ')}` };
  }
  return { ...deepest, path: [...issue.path, ...deepest.path] };
}

function unknownField(schema: z.ZodType, issue: z.core.$ZodIssueUnrecognizedKeys): ApiError {
  const [name] = issue.keys;
  const param = fieldName([...issue.path, name]);
  const known = issue.path.length === 0 && schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const nearest = nearestName(shortName(name), known);
  const remedy = nearest === undefined ? 'Remove it.' : `Did you mean '${nearest}'?`;
  return invalidRequest(`${param}: found an unknown field. ${remedy}`, param, 400, 'unknown_parameter');
}

function shortName(name: string): string {
  return name.slice(0, 64);
}

/** `['messages', 0, 'content']` -> `messages[0].content` */
function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${shortName(String(key))}`))
    .join('')
    .replace(/^\./, '');
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    data,
  );
}

function shortly(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 64) : value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1).replace(/\.$/, '')}.`;
}
