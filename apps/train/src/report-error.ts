import { TransfusionError } from '@transfusion/errors';
import { CommanderError } from 'commander';

/**
 * Prints an error and returns the exit code. A user's mistake is one message; anything else is a bug, and is printed
 * with its stack.
 */
export function reportError(error: unknown, { debug }: { readonly debug: boolean }): number {
  // commander has said it already; help and version come this way too, with 0.
  if (error instanceof CommanderError) return error.exitCode;
  const isMistake = TransfusionError.isInstance(error) || isSystemError(error);
  const { message, stack } = error instanceof Error ? error : { message: String(error) };
  console.error(`error: ${isMistake ? message : `${message} (this is a bug of transfusion)`}`);
  if (stack !== undefined && (debug || !isMistake)) console.error(stack);
  return 1;
}

/** No permission, no space: what the operating system refuses. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
