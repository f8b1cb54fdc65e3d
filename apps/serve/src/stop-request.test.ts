import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { stopRequest, type StopRequest } from './stop-request.js';

const exit = vi.fn<(code?: number | string | null) => never>();
let request: StopRequest;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.spyOn(process, 'exit').mockImplementation(exit);
  request = stopRequest();
});
afterEach(() => {
  request.release();
  vi.useRealTimers();
  vi.restoreAllMocks();
  exit.mockReset();
});

it('takes signals within a second as one request: a launcher passes on what the terminal has sent to all', async () => {
  process.emit('SIGINT', 'SIGINT');
  process.emit('SIGINT', 'SIGINT');
  vi.advanceTimersByTime(900);
  process.emit('SIGTERM', 'SIGTERM');
  expect(await request.signal).toBe('SIGINT');
  expect(exit).not.toHaveBeenCalled();
});

it('ends the process at once at the second request', async () => {
  process.emit('SIGTERM', 'SIGTERM');
  vi.advanceTimersByTime(1100);
  process.emit('SIGTERM', 'SIGTERM');
  expect(exit).toHaveBeenCalledWith(1);
});
