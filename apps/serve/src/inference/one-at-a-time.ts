/** End of the runs so far. */
let last: Promise<unknown> = Promise.resolve();

/** Runs a function after those before it: files are decoded for one request at a time, however many there are. */
export function oneAtATime<T>(run: () => Promise<T>): Promise<T> {
  const result = last.then(run);
  last = result.catch(() => undefined);
  return result;
}
