/**
 * Creates an action whose module is loaded only when its command runs, so that help, invalid command lines
 * and other commands do not wait for it.
 */
export function lazyAction<Args extends unknown[]>(
  load: () => Promise<(...args: Args) => Promise<void>>,
): (...args: Args) => Promise<void> {
  return async (...args) => (await load())(...args);
}
