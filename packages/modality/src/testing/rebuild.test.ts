import * as tf from '@transfusion/tfjs';
import { ddpm } from '@transfusion/diffusion';
import type { Rng } from '@transfusion/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ModalityFactory } from '../modality-factory.js';
import { continuousModalityChecks } from '../testing.js';
import { runChecks, strip, stripExamples, type Strips } from '../testing-internals/strip-checks.js';
import { stripsFactory } from '../testing-internals/toy-modalities.js';

beforeAll(() => tf.setBackend('cpu'));

describe('a rebuilt modality fails', () => {
  const withFactory = (changes: Partial<Strips>): ModalityFactory => ({
    type: 'strips',
    create: async (config, assets, name) => ({
      ...((await stripsFactory.create(config, assets, name)) as Strips),
      ...changes,
    }),
  });
  const adapter = strip.createAdapter(32);
  const wider = { ...adapter, init: (rng: Rng) => ({ in: adapter.init(rng), more: tf.ones([2]) }) };
  it.each<[string, Strips, ModalityFactory, RegExp]>([
    [
      'without a config',
      { ...strip, config: undefined },
      stripsFactory,
      /plain JSON.*: modality 'strip': config is undefined, expected an object with a type/,
    ],
    [
      'of another type',
      { ...strip, config: { type: 'strip' } },
      stripsFactory,
      /config\.type is 'strip', expected 'strips', the type of the factory/,
    ],
    [
      'from a config that JSON changes',
      { ...strip, config: { type: 'strips', sizes: { limit: NaN } } },
      stripsFactory,
      /config has NaN in 'limit', expected plain JSON/,
    ],
    [
      'from arrays of bytes',
      { ...strip, config: { type: 'strips', weights: new Uint8Array(2) as unknown as number[] } },
      stripsFactory,
      /config has 0,0 in 'weights', expected plain JSON/,
    ],
    [
      'without its files',
      { ...strip, assets: async () => ({ 'id.txt': Uint8Array.of(1) }) },
      stripsFactory,
      /create\(\) read 'codec\.txt', expected one of the files of assets\(\): 'id\.txt'/,
    ],
    [
      'with other files',
      { ...strip, assets: async () => ({ 'codec.txt': Uint8Array.of(97) }) },
      stripsFactory,
      /with codec\.id "a", expected "strips"/,
    ],
    [
      'with other shapes',
      strip,
      withFactory({ latentShapes: [[4]] }),
      /with latentShapes \[\[4\]\], expected/,
    ],
    [
      'without its previews',
      strip,
      withFactory({ codec: { ...strip.codec, preview: undefined } }),
      /codec\.preview\(\) undefined, expected \[\[/,
    ],
    ['with another weight', strip, withFactory({ lossWeight: 1 }), /lossWeight 1, expected 5/],
    [
      'with another config',
      strip,
      withFactory({ config: { type: 'strips', more: 1 } }),
      /create\(\) returned a modality with config .*more.*, expected .*strips/,
    ],
    [
      'with another process',
      strip,
      withFactory({ diffusion: ddpm() }),
      /predictionType "epsilon", expected "flow"/,
    ],
    [
      'with other latents',
      strip,
      withFactory({
        codec: {
          ...strip.codec,
          encode: async (values) =>
            (await strip.codec.encode(values)).map(({ shape, data }) => ({
              shape,
              data: data.map((x) => x + 1),
            })),
        },
      }),
      /encodes the example 0 differently/,
    ],
    [
      'with another adapter',
      strip,
      withFactory({ createAdapter: () => wider }),
      /the adapter’s parameters .*"more":\[2\].*, expected/,
    ],
    [
      'that leaks weights',
      strip,
      {
        type: 'strips',
        create: (config, assets, name) => {
          tf.keep(tf.ones([2]));
          return stripsFactory.create(config, assets, name);
        },
      },
      /dispose\(\) left 1 tensors, expected none/,
    ],
  ])('%s', async (_, modality, factory, expected) => {
    const checks = continuousModalityChecks(modality, { ...stripExamples, factory });
    expect((await runChecks(checks)).join('\n')).toMatch(expected);
  });
});
