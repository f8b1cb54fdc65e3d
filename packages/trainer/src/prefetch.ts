import { TransfusionError } from '@transfusion/errors';

/**
 * Reads items ahead of their consumer, at most `depth` of them, in order. While the consumer blocks the event loop,
 * only what was begun before continues, in other threads.
 *
 * @throws TransfusionError `invalid-argument` for a depth that is no positive integer
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
        // It is awaited below; until then a rejection must not count as unhandled.
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
