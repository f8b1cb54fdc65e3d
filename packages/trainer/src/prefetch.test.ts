import { afterAll, expect, it } from 'vitest';
import { prefetch } from './prefetch.js';

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
process.on('unhandledRejection', note);
afterAll(() => {
  process.off('unhandledRejection', note);
});

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** Counts to `end`, then ends or throws; notes how far it was asked, and whether it was stopped. */
function counter(end: number, error?: Error) {
  const seen = { begun: 0, stopped: false };
  async function* count(): AsyncGenerator<number> {
    try {
      while (seen.begun < end) {
        seen.begun++;
        await Promise.resolve();
        yield seen.begun;
      }
      if (error !== undefined) throw error;
    } finally {
      seen.stopped = true;
    }
  }
  return { seen, items: count() };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

it.each([1, 2, 10])('gives all items in order, %i ahead', async (depth) => {
  expect(await collect(prefetch(counter(5).items, depth))).toEqual([1, 2, 3, 4, 5]);
});

it('reads at most `depth` items ahead', async () => {
  const { seen, items } = counter(100);
  const ahead = prefetch(items, 3);
  await ahead.next();
  await soon();
  expect(seen.begun).toBe(3);
  await ahead.next();
  await soon();
  expect(seen.begun).toBe(4);
  await ahead.return(undefined);
});

it('keeps the order of items that are ready in another', async () => {
  const items = {
    [Symbol.asyncIterator]() {
      let i = 0;
      return {
        next: async () => {
          const value = i++;
          await new Promise((resolve) => setTimeout(resolve, 10 - 3 * value));
          return value < 4 ? { done: false as const, value } : { done: true as const, value: undefined };
        },
      };
    },
  };
  expect(await collect(prefetch(items, 4))).toEqual([0, 1, 2, 3]);
});

it('gives an error in its turn, after what came before it', async () => {
  const { seen, items } = counter(2, new Error('the disk is gone'));
  const ahead = prefetch(items, 4);
  expect([await ahead.next(), await ahead.next()].map(({ value }) => value as number)).toEqual([1, 2]);
  await soon();
  await expect(ahead.next()).rejects.toThrow('the disk is gone');
  expect(await ahead.next()).toEqual({ done: true, value: undefined });
  expect(seen.stopped).toBe(true);
});

it('leaves no rejection unhandled when nobody asks for the item', async () => {
  const { items } = counter(1, new Error('never seen'));
  const ahead = prefetch(items, 4);
  await ahead.next();
  await soon();
  await ahead.return(undefined);
  await soon();
  expect(unhandled).toEqual([]);
});

it('stops its source when the consumer stops', async () => {
  const { seen, items } = counter(100);
  for await (const item of prefetch(items, 3)) if (item === 2) break;
  expect(seen.stopped).toBe(true);
  expect(seen.begun).toBeLessThanOrEqual(5);
});

it.each([0, 1.5, NaN])('throws for a depth of %d', async (depth) => {
  await expect(prefetch(counter(1).items, depth).next()).rejects.toThrow(`the depth is ${depth}`);
});
