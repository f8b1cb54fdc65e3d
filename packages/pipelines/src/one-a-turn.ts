/** Browsers have no `setImmediate`. */
const inNextTurn: (run: () => void) => unknown =
  typeof setImmediate === 'undefined' ? setTimeout : setImmediate;

/** End of the runs so far, without the last one's result, which would stay in memory. */
let last: Promise<void> = Promise.resolve();

/**
 * Runs a function in a turn of the event loop of its own, after those before it. Codecs compute without a break: many
 * images that are finished together would hold up everything else, such as the ticks of the engine.
 */
export function oneATurn<T>(run: () => Promise<T>): Promise<T> {
  const result = last.then(() => new Promise<void>(inNextTurn)).then(run);
  last = result.then(ignore, ignore);
  return result;
}

function ignore(): void {}
