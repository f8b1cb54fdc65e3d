import { TransfusionError } from '@transfusion/errors';
import { CommanderError } from 'commander';

/**
 * Says what went wrong and gives the exit code. A mistake of the user is one message; anything else is
 * the program's own, and shows where it happened.
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
