import { describe, expect, it } from 'vitest';
import { TransfusionError } from '@transfusion/errors';
import { BufferPool } from './buffer-pool.js';

describe('a pool of buffers', () => {
  it('hands out released memory again, for another type of the same size too', () => {
    const pool = new BufferPool(() => 1000);
    const first = pool.allocate('float32', 10);
    pool.release(first);
    const second = pool.allocate('int32', 10);
    expect(second.array.buffer).toBe(first.array.buffer);
    expect(second.array).toBeInstanceOf(Int32Array);
    expect(pool.allocate('int32', 10).array.buffer).not.toBe(first.array.buffer);
  });

  it('never hands out what a caller holds', () => {
    const pool = new BufferPool(() => 1000);
    const buffer = pool.allocate('float32', 10);
    buffer.exposed = true;
    pool.release(buffer);
    expect(pool.allocate('float32', 10).array.buffer).not.toBe(buffer.array.buffer);
  });

  it('keeps no more than its limit, which may change', () => {
    let limit = 100;
    const pool = new BufferPool(() => limit);
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

  it('reports memory that cannot be allocated', () => {
    const allocate = (): unknown => new BufferPool(() => 0).allocate('float32', 2 ** 50);
    expect(allocate).toThrow(TransfusionError);
    expect(allocate).toThrow(/float32 tensor of 1125899906842624 elements/);
  });
});
