import { expect, it } from 'vitest';
import { isLoopback } from './loopback.js';

it('is true for addresses of this machine alone', () => {
  for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1']) {
    expect(isLoopback(address), address).toBe(true);
  }
  for (const address of ['0.0.0.0', '::', '192.168.0.1', '::1234', '1127.0.0.1', 'fe80::1']) {
    expect(isLoopback(address), address).toBe(false);
  }
});
