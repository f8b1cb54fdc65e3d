/**
 * Errors of `@ai-sdk/provider`, made without that package at run time: its `isInstance`, by which the AI SDK decides
 * what to retry, looks for marker symbols, so that errors hold across copies and versions of the package.
 */
import type { APICallError, NoSuchModelError, UnsupportedFunctionalityError } from '@ai-sdk/provider';

/** Fields of an {@link APICallError}. */
export interface ApiCallFailure {
  readonly message: string;
  readonly url: string;
  readonly requestBodyValues: unknown;
  readonly statusCode?: number;
  /** The AI SDK waits as long as `retry-after-ms` or `retry-after` says. */
  readonly responseHeaders?: Record<string, string>;
  readonly responseBody?: string;
  readonly cause?: unknown;
  /** By default true for the statuses 408, 409, 429, and from 500 except 504. */
  readonly isRetryable?: boolean;
  /** The error in the body. */
  readonly data?: unknown;
}

/** Creates the error of a call that failed. */
export function apiCallError({ message, ...failure }: ApiCallFailure): APICallError {
  const isRetryable = failure.isRetryable ?? isTransient(failure.statusCode);
  return markedError('AI_APICallError', message, { ...failure, isRetryable }) as APICallError;
}

/** Creates the error of a model that a provider does not have. */
export function noSuchModelError(
  message: string,
  modelId: string,
  modelType: NoSuchModelError['modelType'],
): NoSuchModelError {
  return markedError('AI_NoSuchModelError', message, { modelId, modelType }) as NoSuchModelError;
}

/** Creates the error of an input that no Transfusion model can take. */
export function unsupportedError(message: string, functionality: string): UnsupportedFunctionalityError {
  const name = 'AI_UnsupportedFunctionalityError';
  return markedError(name, message, { functionality }) as UnsupportedFunctionalityError;
}

function isTransient(status = 0): boolean {
  // What took too long, 504, would take as long again.
  return [408, 409, 429].includes(status) || (status >= 500 && status !== 504);
}

function markedError(name: string, message: string, fields: object): Error {
  const markers = { [Symbol.for('vercel.ai.error')]: true, [Symbol.for(`vercel.ai.error.${name}`)]: true };
  return Object.assign(new Error(message), { name }, fields, markers);
}
