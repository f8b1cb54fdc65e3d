import { expect, it } from 'vitest';
import { createModality, type ModalityFactory } from './modality-factory.js';
import { letters } from './testing-internals/toy-modalities.js';

const assets = { read: (name: string) => Promise.resolve(new TextEncoder().encode(name)) };
const factory: ModalityFactory = {
  type: 'letters',
  create: async ({ vocabSize }, { read }, name) => {
    expect(new TextDecoder().decode(await read('alphabet.txt'))).toBe('alphabet.txt');
    return letters(name, vocabSize as number);
  },
};
const config = { type: 'letters', vocabSize: 7 };

it('rebuilds a modality from name, config and files', async () => {
  const modality = await createModality({ name: 'word', config }, [factory], assets);
  expect(modality).toMatchObject({ kind: 'discrete', name: 'word', vocabSize: 7 });
});

it.each([undefined, null])('refuses a modality whose config is %s', async (none) => {
  await expect(createModality({ name: 'word', config: none }, [factory], assets)).rejects.toMatchObject({
    code: 'mismatch',
    message:
      "The modality 'word' cannot be rebuilt from a checkpoint: it has no config. " +
      'Open the run with its recipe (--recipe).',
  });
});

it('names the known types, and the remedy for an unknown one', async () => {
  const stored = { name: 'line', config: { type: 'curve' } };
  const other = { ...factory, type: 'text' };
  await expect(createModality(stored, [factory, other], assets)).rejects.toMatchObject({
    code: 'not-found',
    message:
      "The modality 'line' has the type 'curve', expected one of 'letters', 'text'. " +
      "Pass loadModel a factory of the type 'curve', or open the run with its recipe (--recipe).",
  });
  await expect(createModality(stored, [], assets)).rejects.toThrow(
    "the type 'curve', expected none: there are no factories. Pass",
  );
});

it('refuses a modality with a different name', async () => {
  const wrong: ModalityFactory = { type: 'letters', create: () => Promise.resolve(letters('text')) };
  await expect(createModality({ name: 'word', config }, [wrong], assets)).rejects.toThrow(
    "The factory of the type 'letters' returned the modality 'text', expected 'word'.",
  );
});
