import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createBound } from './bound.js';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

it('counts what is taken until it is released, once', () => {
  const bound = createBound(10);
  const parts = [bound.take(4), bound.take(5)];
  expect(bound.taken).toBe(9);
  parts[0].shrink(1);
  parts[0].shrink(3);
  parts[0].shrink(Number.NaN);
  expect(bound.taken).toBe(6);
  for (const { release } of [...parts, ...parts]) release();
  parts[0].shrink(0);
  expect(bound.taken).toBe(0);
});

it('expects room after half of the time that others took, from 1 s to a minute', () => {
  const bound = createBound(1);
  expect(bound.retryAfter).toBe(1);
  const takeFor = (seconds: number): void => {
    const { release } = bound.take(1);
    vi.advanceTimersByTime(seconds * 1000);
    release();
  };
  takeFor(20);
  expect(bound.retryAfter).toBe(10);
  for (let i = 0; i < 50; i++) takeFor(4);
  expect(bound.retryAfter).toBe(3);
  for (let i = 0; i < 50; i++) takeFor(600);
  expect(bound.retryAfter).toBe(60);
});
