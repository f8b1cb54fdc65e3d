/**
 * A signal that Ctrl-C aborts. Only the first one: after it the system's own way is back, so that a
 * second ends the process at once, even in the middle of a long computation.
 */
export function abortOnInterrupt(onInterrupt: () => void): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const listener = (): void => {
    controller.abort();
    onInterrupt();
  };
  process.once('SIGINT', listener);
  return { signal: controller.signal, end: () => void process.off('SIGINT', listener) };
}
