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
