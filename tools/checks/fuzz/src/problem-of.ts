import { TransfusionError } from '@transfusion/errors';

/** Signs of a message that a library or the language wrote. */
const RAW =
  /Cannot (?:read|convert|mix|destructure)|is not (?:a function|iterable|defined|a constructor)|out(?:side the)? (?:of )?bounds|Invalid (?:typed )?array|Array buffer|byteLength|thrift|(?:Type|Range|Reference|Syntax)Error|BigInt|call stack|\bat \S+:\d+:\d+/;

/** Describes what is wrong with an error, if anything: it should be a clear one of one line. */
export function problemOf(error: unknown): string | undefined {
  if (!TransfusionError.isInstance(error))
    return `not a TransfusionError: ${String((error as Error)?.stack ?? error)}`;
  const { message } = error;
  if (/[\n\r]/.test(message)) return `more than one line: ${message}`;
  if (message.length > 2000) return `a message of ${message.length} characters`;
  return RAW.test(message) ? `the error of a library: ${message}` : undefined;
}
