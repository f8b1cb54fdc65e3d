import { expect, test } from 'vitest';
import { parseJson } from './decode-text.js';

test('a text that is cut off within a string is refused in a time that grows with its length', () => {
  const text = `{"a": NaN, "b": "${'\\"'.repeat(200_000)}`;
  const start = performance.now();
  expect(() => parseJson(text, 'it')).toThrow('it is not JSON');
  expect(performance.now() - start).toBeLessThan(2000);
});
