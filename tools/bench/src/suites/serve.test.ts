import { expect, it } from 'vitest';
import { measureServe } from './serve.js';

it('measures a server', async () => {
  const plan = { numClients: 3, seconds: 2, numInferenceSteps: 2 };
  const groups = await measureServe(plan, { progress: () => undefined });
  const measures = groups.flatMap((group) => group.measures);
  const names = measures.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, value } of measures) expect(value, name).not.toBeNaN();
  expect(measures.find(({ name }) => name === 'mixed.errors')!.value).toBe(0);
}, 120_000);
