import { expect, test } from 'vitest';
import { measureGenerate } from './generate.js';

test('reports every measure, once', { timeout: 180_000 }, async () => {
  const plan = {
    models: ['shipped'] as const,
    numTokens: 4,
    numPlainTokens: 3,
    rounds: 1,
    numSteps: 3,
    imageBatches: [1],
    sgemmSizes: [64],
    numRequests: { shipped: 16, '40m': 0 },
  };
  const groups = await measureGenerate(plan, { progress: () => {} });
  const values = new Map(groups.flatMap(({ measures }) => measures).map(({ name, value }) => [name, value]));
  expect([...values.values()].every(Number.isFinite)).toBe(true);
  for (const name of ['decode.1', 'decode.16.ratio', 'prefill', 'first-token', 'images.1', 'memory.warm']) {
    expect(values.get(`shipped.${name}`), name).toBeGreaterThan(0);
  }
});
