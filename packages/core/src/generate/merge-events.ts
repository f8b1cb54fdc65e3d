import { createEventQueue } from './event-queue.js';

/** A value, and which source it came from. */
export interface Indexed<T> {
  readonly index: number;
  readonly value: T;
}

/** Yields the values of all sources as they come. When it is left, or a source fails, all of them are left. */
export async function* mergeEvents<T>(
  sources: readonly AsyncIterableIterator<T>[],
): AsyncGenerator<Indexed<T>> {
  const queue = createEventQueue<Indexed<T>>(() => undefined);
  const forward = async (source: AsyncIterableIterator<T>, index: number): Promise<void> => {
    for await (const value of source) queue.push({ index, value });
  };
  void Promise.all(sources.map(forward)).then(queue.end, queue.fail);
  try {
    yield* queue.iterator;
  } finally {
    for (const source of sources) await source.return?.();
  }
}
