import { TransfusionError } from '@transfusion/errors';

/**
 * Calls a function of a plug-in. What it throws, or a promise that it returns rejects with, becomes a TransfusionError
 * whose message begins with `subject`: errors of that class keep their code, all others have `invalid-plugin`. The reason
 * of an abort stays as it is.
 *
 * @param subject the function, such as `modality 'sound': embed()`
 */
export function callPlugin<T>(subject: string, run: () => T): T {
  const fail = (cause: unknown): never => {
    throw failureOf(subject, cause);
  };
  try {
    const result = run();
    return isPromise(result) ? (result.then(undefined, fail) as T) : result;
  } catch (cause) {
    return fail(cause);
  }
}

function failureOf(subject: string, cause: unknown): unknown {
  if (TransfusionError.isInstance(cause)) {
    return new TransfusionError(cause.code, `${subject}: ${cause.message}`, { cause });
  }
  if (cause instanceof Error && cause.name === 'AbortError') return cause;
  const thrown = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new TransfusionError(
    'invalid-plugin',
    `${subject} threw '${thrown}', expected a result. Its stack is in the error's cause.`,
    { cause },
  );
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Partial<Promise<unknown>> | null | undefined)?.then === 'function';
}
