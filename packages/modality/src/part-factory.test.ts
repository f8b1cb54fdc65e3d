import { expect, it } from 'vitest';
import { createPart, type PartFactory } from './part-factory.js';

const assets = { read: (name: string) => Promise.resolve(Uint8Array.of(name.length)) };
const wanted = { part: "The codec of 'image'", takesFactories: 'imageFactory' };
const steps: PartFactory<number[]> = {
  type: 'steps',
  create: async ({ by }, { read }) => [by as number, ...(await read('weights'))],
};
const none: PartFactory<number[]> = { type: 'none', create: () => [] };

it('creates a part with the factory of its type', async () => {
  expect(await createPart({ type: 'steps', by: 3 }, [none, steps], assets, wanted)).toEqual([3, 7]);
  expect(await createPart({ type: 'none' }, [none, steps], assets, wanted)).toEqual([]);
});

it('names the known types, and the remedy for an unknown one', async () => {
  await expect(createPart({ type: 'vae' }, [none, steps], assets, wanted)).rejects.toMatchObject({
    code: 'not-found',
    message:
      "The codec of 'image' has the type 'vae', expected one of 'none', 'steps'. " +
      "Pass imageFactory a factory of the type 'vae', or open the run with its recipe (--recipe).",
  });
});

it.each([undefined, null, 'steps', { by: 3 }])('refuses the config %j', async (config) => {
  await expect(createPart(config, [none, steps], assets, wanted)).rejects.toMatchObject({
    code: 'invalid-file',
    message: expect.stringContaining(
      `The codec of 'image' has the config ${JSON.stringify(config)}, expected`,
    ),
  });
});
