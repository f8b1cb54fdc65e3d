/** Ways to wait for the next value of asynchronous sequences: several at once, with a pulse. */

/**
 * Yields the values of all sources as they come, each with the index of its source, and pulls a source's next value only
 * when its last one is taken. Fails as soon as one source does.
 */
export async function* merge<T>(
  sources: readonly AsyncIterator<T>[],
): AsyncGenerator<readonly [index: number, value: T]> {
  const next = (index: number) => sources[index].next().then((result) => ({ index, result }));
  const pending = new Map(sources.map((_, index) => [index, next(index)]));
  try {
    while (pending.size > 0) {
      const { index, result } = await Promise.race(pending.values());
      // Deleted first, so that it moves behind the others: of several that are ready, the race takes the first.
      pending.delete(index);
      if (result.done) continue;
      yield [index, result.value];
      pending.set(index, next(index));
    }
  } finally {
    for (const source of sources) leave(source);
  }
}

/** Yields the source's values, and `pulse` whenever there is none for `milliseconds`. */
export async function* withPulse<T>(
  source: AsyncIterator<T>,
  pulse: T,
  milliseconds: number,
): AsyncGenerator<T> {
  let onPulse: () => void = () => undefined;
  // One timer for all values: there are many, and pauses are rare.
  const timer = setInterval(() => onPulse(), milliseconds);
  const resultOrPulse = (next: Promise<IteratorResult<T>>): Promise<IteratorResult<T> | undefined> =>
    new Promise((resolve, reject) => {
      onPulse = () => resolve(undefined);
      next.then(resolve, reject);
    });
  try {
    let next = source.next();
    for (;;) {
      const result = await resultOrPulse(next);
      if (result === undefined) {
        yield pulse;
        continue;
      }
      if (result.done) return;
      timer.refresh();
      yield result.value;
      next = source.next();
    }
  } finally {
    clearInterval(timer);
    leave(source);
  }
}

/** Leaves a source, of which no more values are wanted. A source that is waiting for something answers later, or never. */
function leave(source: AsyncIterator<unknown>): void {
  source.return?.().catch(() => undefined);
}
