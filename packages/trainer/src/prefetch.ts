import { TransfusionError } from '@transfusion/errors';

/**
 * Reads up to `depth` items ahead of the consumer, in order. While the consumer blocks the event loop, only
 * work that has already started on other threads continues.
 *
 * @throws TransfusionError `invalid-argument` for a depth that is not a positive integer
 */
export async function* prefetch<T>(items: AsyncIterable<T>, depth: number): AsyncGenerator<T> {
  if (!Number.isInteger(depth) || depth < 1) {
    throw new TransfusionError(
      'invalid-argument',
      `prefetch: the depth is ${depth}, expected a positive integer.`,
    );
  }
  const iterator = items[Symbol.asyncIterator]();
  const queue: Promise<IteratorResult<T>>[] = [];
  try {
    for (;;) {
      while (queue.length < depth) {
        const next = iterator.next();
        // Awaited below; until then a rejection must not count as unhandled.
        next.catch(() => undefined);
        queue.push(next);
      }
      const result = await queue.shift()!;
      if (result.done) return;
      yield result.value;
    }
  } finally {
    await iterator.return?.();
  }
}
