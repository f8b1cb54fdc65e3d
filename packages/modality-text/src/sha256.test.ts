import { createHash, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { sha256 } from './sha256.js';

it('is the hash that Node computes, for all lengths around a block', () => {
  for (const length of [...Array(140).keys(), 100_000]) {
    const bytes = randomBytes(length);
    expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
});
