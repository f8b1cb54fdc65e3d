/** Ways to wait for the next value of asynchronous sequences: several at once, not longer than a signal, with a pulse. */

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

/** Yields the source's values until the signal is aborted, and then throws its reason, whatever the source does. */
export async function* untilAborted<T>(source: AsyncIterator<T>, signal: AbortSignal): AsyncGenerator<T> {
  const { promise: aborted, reject } = withReject();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const result = await Promise.race([source.next(), aborted]);
      if (result.done) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    leave(source);
  }
}

/** Yields the source's values, and `pulse` whenever there is none for `milliseconds`. */
export async function* withPulse<T>(
  source: AsyncIterator<T>,
  pulse: T,
  milliseconds: number,
): AsyncGenerator<T> {
  try {
    let next = source.next();
    for (;;) {
      const result = await orAfter(next, milliseconds);
      if (result === undefined) {
        yield pulse;
        continue;
      }
      if (result.done) return;
      yield result.value;
      next = source.next();
    }
  } finally {
    leave(source);
  }
}

/** Leaves a source, of which no more values are wanted. A source that is waiting for something answers later, or never. */
function leave(source: AsyncIterator<unknown>): void {
  source.return?.().catch(() => undefined);
}

function withReject() {
  let reject!: (reason: unknown) => void;
  const promise = new Promise<never>((_, rejectPromise) => (reject = rejectPromise));
  // Nobody may be waiting when it rejects.
  promise.catch(() => undefined);
  return { promise, reject };
}

async function orAfter<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
