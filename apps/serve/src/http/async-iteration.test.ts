import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { merge, withPulse } from './async-iteration.js';

async function* counting(count: number, milliseconds: number, onEnd?: () => void): AsyncGenerator<number> {
  try {
    for (let i = 0; i < count; i++) {
      await sleep(milliseconds);
      yield i;
    }
  } finally {
    onEnd?.();
  }
}

async function* failing(): AsyncGenerator<number> {
  yield* counting(1, 1);
  throw new Error('broken');
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

describe('merge', () => {
  it('yields all values, each source in order, none of them starved', async () => {
    const values = await collect(merge([counting(4, 0), counting(4, 0), counting(0, 0)]));
    expect(values.filter(([index]) => index === 1).map(([, value]) => value)).toEqual([0, 1, 2, 3]);
    expect(values).toHaveLength(8);
    expect(values.slice(0, 4).map(([index]) => index)).toContain(1);
  });

  it('ends all sources when one fails, or when it is left', async () => {
    let numEnded = 0;
    const source = () => counting(100, 2, () => numEnded++);
    await expect(collect(merge([source(), failing(), source()]))).rejects.toThrow('broken');
    await sleep(20);
    expect(numEnded).toBe(2);
    for await (const value of merge([source(), source()])) if (value) break;
    await sleep(20);
    expect(numEnded).toBe(4);
  });
});

it('withPulse fills pauses', async () => {
  const values = await collect(withPulse(counting(2, 50), -1, 15));
  expect(values.filter((value) => value >= 0)).toEqual([0, 1]);
  expect(values.filter((value) => value < 0).length).toBeGreaterThanOrEqual(4);
});
