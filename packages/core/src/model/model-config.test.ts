import { flowEuler } from '@transfusion/diffusion';
import { createModalityRegistry } from '@transfusion/modality';
import { expect, it } from 'vitest';
import { letters, strips, toyModel } from '../testing-internals/toy-modalities.js';

const tokenizer = Uint8Array.of(1, 2);
const weights = Uint8Array.of(3);
const modalities = createModalityRegistry(
  {
    ...letters('text'),
    id: 'letters-1',
    config: { type: 'letters', first: 'a', last: undefined },
    assets: () => Promise.resolve({ 'tokenizer.json': tokenizer }),
  },
  { ...letters('other') },
  {
    ...strips('strip', flowEuler({ numTrainTimesteps: 100 })),
    config: { type: 'strips' },
    assets: () => Promise.resolve({ 'a.bin': weights, 'b.bin': weights }),
  },
);
const model = toyModel({}, { modalities, spanAttention: 'causal' });

it('describes the model in plain JSON', () => {
  const { config } = model;
  expect(JSON.parse(JSON.stringify(config))).toStrictEqual(config);
  expect(config.transformer).toEqual(model.transformer);
  expect(config.spanAttention).toBe('causal');
  expect(config.vocabulary).toEqual(model.vocabulary.entries);
  expect(config.modalities).toStrictEqual([
    {
      name: 'text',
      kind: 'discrete',
      config: { type: 'letters', first: 'a' },
      identity: { id: 'letters-1', vocabSize: 6 },
    },
    { name: 'other', kind: 'discrete', config: null, identity: { id: null, vocabSize: 6 } },
    {
      name: 'strip',
      kind: 'continuous',
      config: { type: 'strips' },
      identity: {
        codec: 'strips',
        latentShapes: [[4], [6]],
        spanLengths: [2, 3],
        predictionType: 'flow',
        process: 'rectified-flow',
        numTrainTimesteps: 100,
      },
    },
  ]);
});

it('collects the files of its modalities', async () => {
  expect(await model.assets()).toEqual({
    'modalities/text/tokenizer.json': tokenizer,
    'modalities/strip/a.bin': weights,
    'modalities/strip/b.bin': weights,
  });
  expect(await toyModel().assets()).toEqual({});
});
