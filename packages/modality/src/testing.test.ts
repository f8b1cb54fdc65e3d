/** The conformance suites pass what is right, and fail in the right place what is not. */
import * as tf from '@tensorflow/tfjs';
import { ddim, ddpm, dpmSolverPlusPlus, flowEuler, flowHeun, velocity } from '@transfusion/diffusion';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Rng } from '@transfusion/nn';
import type { Media } from './media.js';
import type { ModalityFactory } from './modality-factory.js';
import type { ContinuousModality, DiscreteModality, LatentAdapter, LatentCodec } from './modality.js';
import { letters, lettersFactory, strips, stripsFactory } from './testing-internals/toy-modalities.js';
import {
  continuousModalityChecks,
  discreteModalityChecks,
  type ConformanceCheck,
  type ContinuousModalityExamples,
} from './testing.js';

beforeAll(() => tf.setBackend('cpu'));

async function failures(checks: readonly ConformanceCheck[]): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of checks) {
    try {
      await run();
    } catch (error) {
      failed.push(`${name}: ${(error as Error).message}`);
    }
  }
  return failed;
}

type Letters = DiscreteModality<string, string>;
type Strips = ContinuousModality<string, readonly number[]>;

const words = ['', 'a', 'zebra'];
const strip = strips('strip');
const adapter = strip.createAdapter(32);
const examples: ContinuousModalityExamples<readonly number[]> = {
  values: [
    [0.5, -0.25, 1, 0],
    [1, 2, -1, 0.5, 0.25, -0.75],
  ],
  distance: (a, b) => Math.max(...a.map((x, i) => Math.abs(x - b[i]))),
  tolerance: 1e-6,
  foreignValues: [[1, 2, 3], 'text'],
};
const checksOf = (modality: Strips) => continuousModalityChecks(modality, examples);
const withAdapter = (changes: Partial<LatentAdapter>): Strips => ({
  ...strip,
  createAdapter: () => ({ ...adapter, ...changes }),
});
const withCodec = (changes: Partial<LatentCodec<readonly number[]>>): Strips => ({
  ...strip,
  codec: { ...strip.codec, ...changes },
});

it('a good discrete modality passes', async () => {
  const checks = discreteModalityChecks(letters('letters'), {
    values: words,
    foreignValues: ['A', 1],
    factory: lettersFactory,
  });
  expect(await failures(checks)).toEqual([]);
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
});

it('a discrete modality that takes its time passes too', async () => {
  const { encode, decode, ...rest } = letters('letters');
  const slow: Letters = {
    ...rest,
    encode: async (value) => encode(value),
    decode: async (ids) => decode(ids),
  };
  expect(await failures(discreteModalityChecks(slow, { values: words }))).toEqual([]);
  const forgetful = { ...slow, decode: async () => 'b' };
  const found = await failures(discreteModalityChecks(forgetful, { values: words }));
  expect(found.join('\n')).toMatch(/decode gives back.*: example 0 comes back as "b"/);
});

it.each([
  flowEuler(),
  flowHeun({ predictionType: 'sample', lossWeighting: velocity() }),
  ddpm(),
  ddim({ predictionType: 'v_prediction' }),
  dpmSolverPlusPlus({ betaSchedule: 'scaled-linear', betaStart: 0.00085, betaEnd: 0.012 }),
])('a good continuous modality passes with $name', async (diffusion) => {
  const before = tf.memory().numTensors;
  const checks = [
    ...checksOf({ ...strip, diffusion }),
    ...continuousModalityChecks(strips('other'), { ...examples, factory: stripsFactory }),
  ];
  expect(await failures(checks)).toEqual([]);
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  expect(tf.memory().numTensors).toBe(before);
});

describe('a discrete modality fails', () => {
  let calls = 0;
  const broken: [string, Partial<Letters>, RegExp][] = [
    ['with a vocabulary of no size', { vocabSize: 0 }, /vocabSize is a positive.*: vocabSize is 0/],
    ['with an empty id', { id: '' }, /an id is not empty: id is empty/],
    [
      'that accepts everything',
      { accepts: (value): value is string => value !== undefined },
      /accepts its own.*: accepts\(\) takes null/,
    ],
    [
      'that refuses its own',
      { accepts: (value): value is string => typeof value === 'string' && value !== 'a' },
      /accepts its own.*: accepts\(\) refuses the example 1/,
    ],
    [
      'with ids beyond its vocabulary',
      { vocabSize: 5 },
      /ids are.*: encode\(\) of the example 2 gives the id 25/,
    ],
    [
      'whose values differ in length against its word',
      { tokensPerValue: 5 },
      /tokensPerValue of them: encode\(\) of the example 0 gives 0 ids, but tokensPerValue is 5/,
    ],
    [
      'that loses something in a file',
      { media: { ...letters('x').media, encode: async () => new Uint8Array([97]) } },
      /from their files: example 0 comes back from its file as "a"/,
    ],
    [
      'that is rebuilt with another vocabulary',
      { vocabSize: 27 },
      /the factory makes an equal one.*: vocabSize is 26, expected 27/,
    ],
    [
      'that gives plain arrays',
      { encode: (value) => [...letters('x').encode(value)] as unknown as Int32Array },
      /ids are.*no Int32Array/,
    ],
    ['that loses something', { decode: () => 'b' }, /decode gives back.*: example 0 comes back as "b"/],
    [
      'that remembers',
      { encode: (value) => Int32Array.of(...letters('x').encode(value), calls++ % 26) },
      /equal values.*: encode\(\) of the example 0 gives other ids/,
    ],
    [
      'that decodes only what is whole',
      {
        decode: (ids) => {
          if (ids.length === 3) throw new Error('half a word');
          return letters('x').decode(ids);
        },
      },
      /every beginning.*: decode\(\) throws for the first 3 ids of the example 2/,
    ],
  ];
  it.each(broken)('%s', async (_, changes, expected) => {
    const modality = { ...letters('letters'), ...changes };
    const found = await failures(
      discreteModalityChecks(modality, { values: words, factory: lettersFactory }),
    );
    expect(found.join('\n')).toMatch(expected);
  });
});

describe('a continuous modality fails', () => {
  let calls = 0;
  const broken: [string, Strips, RegExp][] = [
    ['that accepts everything', { ...strip, accepts: (v): v is number[] => !!v }, /accepts its own/],
    ['whose loss counts less than nothing', { ...strip, lossWeight: -1 }, /lossWeight.*: lossWeight is -1/],
    ['whose span length changes', { ...strip, spanLength: () => 2 + calls++ }, /spanLength.*second time/],
    [
      'whose span length is not the adapter’s',
      { ...strip, spanLength: ([length]) => length },
      /takes every latent shape.*: embed\(\) of 4 has the shape \[1,2,32\], expected \[1,4,32\]/,
    ],
    ['whose latents have other shapes', { ...strip, latentShapes: [[4]] }, /listed shapes: .*the shape 6/],
    [
      'whose latents are not finite',
      withCodec({
        encode: (values) =>
          Promise.resolve(
            values.map(({ length }) => ({ shape: [length], data: new Float32Array(length).fill(NaN) })),
          ),
      }),
      /finite latents.*not finite/,
    ],
    [
      'whose codec mixes values',
      withCodec({
        encode: (values) =>
          Promise.resolve(
            values.map((v) => ({ shape: [v.length], data: Float32Array.from(v, (x) => x * values.length) })),
          ),
      }),
      /alone as among others.*differs by 1/,
    ],
    [
      'whose codec loses the value',
      withCodec({ decode: (latents) => Promise.resolve(latents.map(({ data }) => [...data.map(() => 0)])) }),
      /values come back.*: the decoded example 0 is 1 away/,
    ],
    [
      'whose parameters are unpredictable',
      withAdapter({ init: () => ({ in: tf.scalar(calls++) }) }),
      /depend on the seed alone.*another 'in'/,
    ],
    [
      'whose spans see each other',
      withAdapter({
        embed: (params, latents, timesteps) => {
          const { hidden } = adapter.embed(params, latents, timesteps);
          return { hidden: hidden.add(hidden.mean(0, true)), skips: [] };
        },
      }),
      /do not change each other.*hidden of span 0 differs/,
    ],
    [
      'whose output has another shape',
      withAdapter({ project: (...args) => adapter.project(...args).expandDims(1) }),
      /takes every latent shape.*project\(\) of 4 has the shape \[1,1,4\], expected \[1,4\]/,
    ],
    [
      'whose timestep does nothing',
      withAdapter({
        embed: (params, latents, timesteps) => adapter.embed(params, latents, tf.zerosLike(timesteps)),
      }),
      /depend on the timestep.*changes nothing/,
    ],
    [
      'with a parameter that does nothing',
      withAdapter({
        init: (rng) => ({ ...(adapter.init(rng) as Record<string, tf.Tensor>), idle: tf.ones([2]) }),
      }),
      /gradients reach.*'idle' is 0/,
    ],
    [
      'with gradients that are not finite',
      withAdapter({ project: (...args) => adapter.project(...args).mul(NaN) }),
      /gradients reach.*not finite/,
    ],
    ['that does not know its cost', withAdapter({ flops: () => NaN }), /floating-point.*flops\(4\) is NaN/],
  ];
  it.each(broken)('%s', async (_, modality, expected) => {
    expect((await failures(checksOf(modality))).join('\n')).toMatch(expected);
  });

  const flow = flowEuler();
  it.each([
    ['that does not name its process', { process: '' }, /names its process: process is ""/],
    [
      'that ignores the limit',
      { sampleTimesteps: (n: number) => new Float32Array(n).fill(900) },
      /limits.*gives 900/,
    ],
    ['with negative weights', { lossWeights: (t: Float32Array) => t.map(() => -1) }, /weights.*gives -1/],
    [
      'that is noisy from the start',
      { addNoise: (sample: tf.Tensor, noise: tf.Tensor) => sample.add(noise) },
      /smallest timestep.*moves the sample/,
    ],
    [
      'whose target is a number',
      { target: () => tf.scalar(0) },
      /smallest timestep.*target\(\) has the shape \[\]/,
    ],
    ['that goes up', { timesteps: (n: number) => [...flow.timesteps(n)].reverse() }, /go down: step 0/],
    [
      'that stops too early',
      { timesteps: (n: number) => flow.timesteps(n).slice(0, -5) },
      /perfect model.*away from the sample/,
    ],
  ])('whose noise scheduler is one %s', async (_, changes, expected) => {
    const modality = { ...strip, diffusion: { ...flow, ...changes } };
    expect((await failures(checksOf(modality))).join('\n')).toMatch(expected);
  });
});

describe('a modality with files fails', () => {
  const media = strip.media!;
  const withMedia = (changes: Partial<Media<readonly number[]>>): Strips => ({
    ...strip,
    media: { ...media, ...changes },
  });
  const sheetOf = (changes: object) => async () => ({
    mediaType: 'text/plain',
    extension: '.txt',
    bytes: Uint8Array.of(1),
    ...changes,
  });
  it.each([
    [
      'without a MIME type',
      withMedia({ mediaType: 'strip' }),
      /media\.mediaType is 'strip', expected one such/,
    ],
    ['in capitals', withMedia({ mediaType: 'Image/PNG' }), /media\.mediaType is 'Image\/PNG'/],
    ['that name no ending', withMedia({ extensions: [] }), /media\.extensions is empty/],
    ['without a dot', withMedia({ extensions: ['.a', 'b'] }), /media\.extensions has 'b', expected one such/],
    ['with capitals at the end', withMedia({ extensions: ['.A'] }), /media\.extensions has '\.A'/],
    [
      'that are no bytes',
      withMedia({ encode: async () => 'abc' as unknown as Uint8Array }),
      /from their files: media\.encode\(\) of the example 0 gives no bytes/,
    ],
    [
      'that hold something else',
      withMedia({ decode: async () => [1] }),
      /from their files: the example 0 from its file is not accepted/,
    ],
    [
      'that lose something',
      withMedia({ decode: async (bytes) => (await media.decode(bytes)).map((x) => x + 0.5) }),
      /from their files: the example 0 from its file is 0\.5 away from the original, expected at most 0/,
    ],
    [
      'with an empty sheet',
      withMedia({ sheet: sheetOf({ bytes: new Uint8Array() }) }),
      /sheet of 2 values is empty/,
    ],
    [
      'with a sheet of no type',
      withMedia({ sheet: sheetOf({ mediaType: '' }) }),
      /the sheet’s mediaType is ''/,
    ],
    [
      'with a sheet of no name',
      withMedia({ sheet: sheetOf({ extension: 'txt' }) }),
      /the sheet’s extension is 'txt'/,
    ],
  ])('%s', async (_, modality, expected) => {
    expect((await failures(checksOf(modality))).join('\n')).toMatch(expected);
  });
});

describe('a modality that is rebuilt fails', () => {
  const withFactory = (changes: Partial<Strips>): ModalityFactory => ({
    type: 'strips',
    create: async (config, assets, name) => ({
      ...((await stripsFactory.create(config, assets, name)) as Strips),
      ...changes,
    }),
  });
  const wider = { ...adapter, init: (rng: Rng) => ({ in: adapter.init(rng), more: tf.ones([2]) }) };
  it.each<[string, Strips, ModalityFactory, RegExp]>([
    ['without a config', { ...strip, config: undefined }, stripsFactory, /plain JSON.*: there is no config/],
    [
      'of another type',
      { ...strip, config: { type: 'strip' } },
      stripsFactory,
      /config\.type is 'strip', but the factory is of 'strips'/,
    ],
    [
      'from a config that JSON changes',
      { ...strip, config: { type: 'strips', sizes: { limit: NaN } } },
      stripsFactory,
      /config has at 'limit' something else than JSON: NaN/,
    ],
    [
      'from arrays of bytes',
      { ...strip, config: { type: 'strips', weights: new Uint8Array(2) as unknown as number[] } },
      stripsFactory,
      /config has at 'weights' something else than JSON: 0,0/,
    ],
    [
      'without its files',
      { ...strip, assets: async () => ({ 'id.txt': Uint8Array.of(1) }) },
      stripsFactory,
      /create\(\) reads 'codec\.txt', but assets\(\) has 'id\.txt'/,
    ],
    [
      'with other files',
      { ...strip, assets: async () => ({ 'codec.txt': Uint8Array.of(97) }) },
      stripsFactory,
      /codec\.id is "a", expected "strips"/,
    ],
    ['with other shapes', strip, withFactory({ latentShapes: [[4]] }), /latentShapes is \[\[4\]\], expected/],
    ['with another weight', strip, withFactory({ lossWeight: 1 }), /lossWeight is 1, expected 5/],
    [
      'with another config',
      strip,
      withFactory({ config: { type: 'strips', more: 1 } }),
      /: config is .*more.*, expected .*strips/,
    ],
    [
      'with another process',
      strip,
      withFactory({ diffusion: ddpm() }),
      /predictionType is "epsilon", expected "flow"/,
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
      /the example 0 is encoded otherwise than before/,
    ],
    [
      'with another adapter',
      strip,
      withFactory({ createAdapter: () => wider }),
      /the adapter’s parameters is .*"more":\[2\].*, expected/,
    ],
    [
      'and leaves weights behind',
      strip,
      {
        type: 'strips',
        create: (config, assets, name) => {
          tf.keep(tf.ones([2]));
          return stripsFactory.create(config, assets, name);
        },
      },
      /1 tensors are left after dispose\(\)/,
    ],
  ])('%s', async (_, modality, factory, expected) => {
    const checks = continuousModalityChecks(modality, { ...examples, factory });
    expect((await failures(checks)).join('\n')).toMatch(expected);
  });
});
