/** Failures of requests in the model's process, as the server receives them. */
import { TransfusionError, type TransfusionErrorCode } from '@transfusion/errors';
import { InferenceError, type InferenceRequest } from './model-host.js';
import type { InferenceFailure } from './protocol.js';

/** Codes of what a request can cause; all others, such as `out-of-memory`, are the server's fault. */
const CODES_OF_REQUESTS: ReadonlySet<TransfusionErrorCode> = new Set([
  'invalid-argument',
  'invalid-record',
  'not-found',
]);

/**
 * Returns the failure for an error: that of the request if it is refused for what it asks for, and otherwise the server's.
 *
 * @param hasStarted true once the request has passed all checks
 */
export function failureOf(error: unknown, request: InferenceRequest, hasStarted = false): InferenceFailure {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof InferenceError) return { kind: error.kind, message, param: error.param, stack };
  const isInvalid = !hasStarted && TransfusionError.isInstance(error) && isCausedBy(request, error.code);
  return { kind: isInvalid ? 'invalid' : 'internal', message, stack };
}

function isCausedBy({ options }: InferenceRequest, code: TransfusionErrorCode): boolean {
  // A sampler is all that a request can name, and that may not fit the model.
  return CODES_OF_REQUESTS.has(code) || (code === 'mismatch' && options.scheduler !== undefined);
}
