import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { oneATurn } from './one-a-turn.js';

it('lets the event loop turn between runs, in their order, whether they fail or not', async () => {
  const order: string[] = [];
  let isDone = false;
  const turn = (): void => {
    order.push('turn');
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  const runs = [1, 2, 3].map((n) =>
    oneATurn(async () => {
      order.push(`run ${n}`);
      if (n === 2) throw new Error('no');
      return n;
    }).catch((error: Error) => error.message),
  );
  expect(await Promise.all(runs)).toEqual([1, 'no', 3]);
  isDone = true;
  const ran = order.join(' ').replaceAll(/(turn )+/g, 'turn ');
  expect(ran).toMatch(/^turn run 1 turn run 2 turn run 3/);
});

it('does not keep the last result', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const result = new WeakRef(await oneATurn(async () => new Uint8Array(100)));
  // A weak reference holds its target for the rest of the turn that it is made or read in.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(result.deref()).toBeUndefined();
});
