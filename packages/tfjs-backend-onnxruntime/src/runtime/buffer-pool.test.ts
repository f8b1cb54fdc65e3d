import { describe, expect, it } from 'vitest';
import { TransfusionError } from '@transfusion/errors';
import { BufferPool, type PoolLimits } from './buffer-pool.js';

const limited =
  (maxPooledBytes: number, maxEagerPooledBytes = maxPooledBytes): (() => PoolLimits) =>
  () => ({ maxPooledBytes, maxEagerPooledBytes });

describe('a pool of buffers', () => {
  it('hands out released memory again, for another type of the same size too', () => {
    const pool = new BufferPool(limited(1000));
    const first = pool.allocate('float32', 10);
    pool.release(first);
    const second = pool.allocate('int32', 10);
    expect(second.array.buffer).toBe(first.array.buffer);
    expect(second.array).toBeInstanceOf(Int32Array);
    expect(pool.allocate('int32', 10).array.buffer).not.toBe(first.array.buffer);
  });

  it('never hands out what a caller holds', () => {
    const pool = new BufferPool(limited(1000));
    const buffer = pool.allocate('float32', 10);
    buffer.exposed = true;
    pool.release(buffer);
    expect(pool.allocate('float32', 10).array.buffer).not.toBe(buffer.array.buffer);
  });

  it('keeps no more than its limit, which may change', () => {
    let limit = 100;
    const pool = new BufferPool(() => limited(limit)());
    const [a, b] = [pool.allocate('float32', 20), pool.allocate('float32', 20)];
    pool.release(a);
    pool.release(b); // does not fit beside the first
    const kept = pool.allocate('float32', 20);
    expect(kept.array.buffer).toBe(a.array.buffer);
    expect(pool.allocate('float32', 20).array.buffer).not.toBe(b.array.buffer);
    limit = 0;
    pool.release(kept);
    expect(pool.allocate('float32', 20).array.buffer).not.toBe(kept.array.buffer);
  });

  it('keeps less of what only eager operations request', () => {
    const pool = new BufferPool(limited(1000, 100));
    const take = (requester: 'eager' | 'compiled', length: number, count: number) =>
      Array.from({ length: count }, () => pool.allocate('uint8', length, requester));
    const kept = (requester: 'eager' | 'compiled', length: number): number => {
      const first = take(requester, length, 5);
      first.forEach((buffer) => pool.release(buffer));
      const memory = new Set(first.map(({ array }) => array.buffer));
      return take(requester, length, 5).filter(({ array }) => memory.has(array.buffer)).length;
    };
    expect(kept('eager', 40)).toBe(2);
    expect(kept('compiled', 60)).toBe(5);
    // A size that a compiled function requests has the higher limit for everybody.
    expect(kept('eager', 60)).toBe(5);
    expect(kept('compiled', 40)).toBe(5);
    const eager = take('eager', 90, 3);
    eager.forEach((buffer) => pool.release(buffer));
    pool.clear();
    expect(kept('eager', 50)).toBe(2);
  });

  it('reports memory that cannot be allocated', () => {
    const allocate = (): unknown => new BufferPool(limited(0)).allocate('float32', 2 ** 50);
    expect(allocate).toThrow(TransfusionError);
    expect(allocate).toThrow(/float32 tensor of 1125899906842624 elements/);
  });
});
