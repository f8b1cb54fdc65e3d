/**
 * Creates an action whose module is loaded when its command runs: help, mistakes in the command line and other commands
 * do not wait for it.
 */
export function lazyAction<Args extends unknown[]>(
  load: () => Promise<(...args: Args) => Promise<void>>,
): (...args: Args) => Promise<void> {
  return async (...args) => (await load())(...args);
}
