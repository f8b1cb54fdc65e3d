import { expect, it } from 'vitest';
import { createJobQueue, type Job, type JobQueue } from './job-queue.js';
import { measureRows } from './measure-rows.js';

const work = { kind: 'tokens', piece: {} } as unknown as Job['work'];
const job = (numRows = 1): Job => ({ work, numRows, resolve: () => undefined, reject: () => undefined });
const create = (maxRows = 16): JobQueue =>
  createJobQueue({ maxRows: () => maxRows, maxTickMilliseconds: 250 });

/** Runs the queue for a while, with every job coming back at once; returns the milliseconds that each group had. */
function simulate(queue: JobQueue, millisecondsPerRow: Record<string, number>, total: number) {
  const had: Record<string, number> = {};
  let longest = 0;
  for (let clock = 0; clock < total;) {
    const { key, jobs } = queue.take()!;
    const numRows = jobs.reduce((sum, { numRows: rows }) => sum + rows, 0);
    const milliseconds = numRows * millisecondsPerRow[key];
    queue.ran(key, numRows, milliseconds);
    for (const one of jobs) queue.add(key, one);
    clock += milliseconds;
    had[key] = (had[key] ?? 0) + milliseconds;
    longest = Math.max(longest, milliseconds);
  }
  return { had, longest };
}

it('gives groups equal time, however long their calls and however many their jobs', () => {
  const queue = create();
  for (let i = 0; i < 8; i++) queue.add('images', job(2));
  queue.add('reply', job());
  queue.add('prompt', job());
  const { had } = simulate(queue, { images: 10, reply: 3, prompt: 20 }, 30_000);
  for (const milliseconds of Object.values(had))
    expect(Math.abs(milliseconds / 10_000 - 1)).toBeLessThan(0.05);
});

it('gives a group of twice the weight twice the time', () => {
  const weight = (key: string): number => (key === 'reply' ? 2 : 1);
  const queue = createJobQueue({ maxRows: () => 16, maxTickMilliseconds: 250, weight });
  for (const key of ['images', 'reply']) queue.add(key, job());
  const { had } = simulate(queue, { images: 10, reply: 3 }, 30_000);
  expect(Math.abs(had.reply / had.images - 2)).toBeLessThan(0.1);
});

it('keeps calls short for a while after something else has waited', () => {
  let clock = 0;
  const queue = createJobQueue({ maxRows: () => 16, maxTickMilliseconds: 40, now: () => clock });
  queue.expect('images', 10);
  queue.expect('reply', 1);
  const rowsOf = (): number => {
    for (let i = 0; i < 16; i++) queue.add('images', job());
    const { length } = queue.take()!.jobs;
    while (queue.take() !== undefined);
    return length;
  };
  expect(rowsOf()).toBe(16);
  queue.add('reply', job());
  expect(queue.take()!.key).toBe('reply');
  expect(rowsOf()).toBe(4);
  clock = 10_000;
  expect(rowsOf()).toBe(16);
});

it('gives no credit for time in which a group was idle', () => {
  const queue = create();
  queue.add('images', job());
  simulate(queue, { images: 100 }, 10_000);
  queue.add('reply', job());
  const { had } = simulate(queue, { images: 100, reply: 1 }, 1000);
  expect(had.images).toBeGreaterThan(400);
});

it('keeps calls short while something else waits, and fills them when nothing does', () => {
  const queue = create(64);
  for (let i = 0; i < 40; i++) queue.add('images', job());
  queue.add('reply', job());
  expect(simulate(queue, { images: 20, reply: 1 }, 5000).longest).toBeLessThanOrEqual(250);
  const alone = create(64);
  for (let i = 0; i < 40; i++) alone.add('images', job());
  expect(alone.take()!.jobs).toHaveLength(40);
});

it('takes jobs in the order in which they came, whole, up to the rows of a call', () => {
  const queue = create(4);
  const jobs = [job(3), job(2), job(5), job(1)];
  for (const one of jobs) queue.add('images', one);
  expect(queue.take()!.jobs).toEqual([jobs[0]]);
  queue.remove(jobs[2]);
  expect(queue.take()!.jobs).toEqual([jobs[1], jobs[3]]);
  expect(queue.take()).toBeUndefined();
  // More rows than a call may have are one call.
  queue.add('images', jobs[2]);
  expect(queue.take()!.jobs).toEqual([jobs[2]]);
});

it('divides jobs among calls of like size, so that the same ones run together again', () => {
  const queue = create(16);
  const jobs = Array.from({ length: 20 }, () => job());
  for (const one of jobs) queue.add('replies', one);
  for (let round = 0; round < 3; round++) {
    for (const start of [0, 10]) {
      const taken = queue.take()!.jobs;
      expect(taken).toEqual(jobs.slice(start, start + 10));
      for (const one of taken) queue.add('replies', one);
    }
  }
});

it('uses the expected cost of a row before the first call', () => {
  const queue = create(16);
  queue.add('reply', job());
  queue.expect('images', 50);
  for (let i = 0; i < 10; i++) queue.add('images', job());
  const calls = Array.from({ length: 2 }, () => {
    const call = queue.take()!;
    // The reply waits again at once.
    if (call.key === 'reply') queue.add('reply', call.jobs[0]);
    queue.ran(call.key, call.jobs.length, 1);
    return call;
  });
  expect(calls.find(({ key }) => key === 'images')!.jobs).toHaveLength(5);
});

it('measures the rows that a call is worth', () => {
  let clock = 0;
  const measure = (milliseconds: (rows: number) => number, maxMilliseconds = 250, tolerance = 0.2) =>
    measureRows(
      (rows) => ({ run: () => (clock += milliseconds(rows)), end: () => undefined }),
      { maxMilliseconds, tolerance },
      () => clock,
    );
  // With the 2 ms around it, a call costs as much as seven rows: 32 rows cost 1.22 each, 64 rows 1.11.
  expect(measure((rows) => 5 + rows)).toEqual({ numRows: 32, rowMilliseconds: 37 / 32 });
  expect(measure((rows) => 5 + rows, 250, 0.05).numRows).toBe(64);
  expect(measure((rows) => 15 * rows)).toEqual({ numRows: 1, rowMilliseconds: 15 });
  // Two milliseconds are nothing to a long call, and much to a short one.
  expect(measure((rows) => 5 * rows).numRows).toBe(2);
  expect(measure((rows) => 0.1 * rows).numRows).toBe(64);
  expect(measure((rows) => 100 + rows, 1000).numRows).toBe(64);
  expect(measure((rows) => 100 + 10 * rows, 250).numRows).toBe(8);
  // One row is worth it even if it takes longer than it should.
  expect(measure((rows) => 300 * rows).numRows).toBe(1);
});
