import { TransfusionError } from '@transfusion/errors';
import { CommanderError } from 'commander';

/**
 * Prints an error and returns the exit code. A user error is a single message; any other is a bug, with a
 * stack trace.
 */
export function reportError(error: unknown, { debug }: { readonly debug: boolean }): number {
  // Commander has already printed it; --help and --version also end up here, with code 0.
  if (error instanceof CommanderError) return error.exitCode;
  const isUserError = TransfusionError.isInstance(error) || isSystemError(error);
  const { message, stack } = error instanceof Error ? error : { message: String(error) };
  console.error(`error: ${isUserError ? message : `${message} (this is a bug in transfusion)`}`);
  if (stack !== undefined && (debug || !isUserError)) console.error(stack);
  return 1;
}

/** Returns true for errors of the operating system, such as a missing permission or a full disk. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
