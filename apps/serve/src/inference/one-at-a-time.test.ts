import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { oneAtATime } from './one-at-a-time.js';

it('does not keep the last result', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const result = new WeakRef(await oneAtATime(async () => new Uint8Array(100)));
  // A weak reference holds its target for the rest of the turn that it is made or read in.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(result.deref()).toBeUndefined();
});
