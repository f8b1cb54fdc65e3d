/** Browsers have no `setImmediate`. */
const inNextTurn: (run: () => void) => unknown =
  typeof setImmediate === 'undefined' ? setTimeout : setImmediate;

/** End of the runs so far. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a function in a turn of the event loop of its own, after those before it. Codecs compute without a break: many
 * images that are finished together would hold up everything else, such as the ticks of the engine.
 */
export function oneATurn<T>(run: () => Promise<T>): Promise<T> {
  const result = last.then(() => new Promise<void>(inNextTurn)).then(run);
  last = result.catch(() => undefined);
  return result;
}
