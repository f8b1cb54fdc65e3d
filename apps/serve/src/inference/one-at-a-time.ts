/** End of the runs so far, without the last one's result, which would stay in memory. */
let last: Promise<void> = Promise.resolve();

/** Runs a function after those before it: files are decoded for one request at a time, however many there are. */
export function oneAtATime<T>(run: () => Promise<T>): Promise<T> {
  const result = last.then(run);
  last = result.then(ignore, ignore);
  return result;
}

function ignore(): void {}
