/** A value, and which source it came from. */
export interface Indexed<T> {
  readonly index: number;
  readonly value: T;
}

/** Yields the values of all sources as they come. When it is left, or a source fails, all of them are left. */
export async function* mergeEvents<T>(
  sources: readonly AsyncIterableIterator<T>[],
): AsyncGenerator<Indexed<T>> {
  const next = async (index: number): Promise<Indexed<IteratorResult<T>>> => {
    return { index, value: await sources[index].next() };
  };
  const pending = new Map([...sources.keys()].map((index) => [index, next(index)]));
  try {
    while (pending.size > 0) {
      const { index, value: result } = await Promise.race(pending.values());
      if (result.done) pending.delete(index);
      else {
        pending.set(index, next(index));
        yield { index, value: result.value };
      }
    }
  } finally {
    // Those that another's failure leaves behind may fail as well.
    for (const promise of pending.values()) promise.catch(() => undefined);
    for (const source of sources) await source.return?.();
  }
}
