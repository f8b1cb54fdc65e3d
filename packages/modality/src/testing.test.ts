/** The conformance suites pass what is right, and fail in the right place what is not. */
import * as tf from '@transfusion/tfjs';
import { ddim, ddpm, dpmSolverPlusPlus, flowEuler, flowHeun, velocity } from '@transfusion/diffusion';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DiscreteModality, LatentAdapter, LatentCodec } from './modality.js';
import { continuousModalityChecks, discreteModalityChecks } from './testing.js';
import { runChecks, strip, stripExamples, type Strips } from './testing-internals/strip-checks.js';
import { letters, lettersFactory, strips, stripsFactory } from './testing-internals/toy-modalities.js';

beforeAll(() => tf.setBackend('cpu'));

type Letters = DiscreteModality<string, string>;

const words = ['', 'a', 'zebra'];
const adapter = strip.createAdapter(32);
const checksOf = (modality: Strips) => continuousModalityChecks(modality, stripExamples);
const withAdapter = (changes: Partial<LatentAdapter>): Strips => ({
  ...strip,
  createAdapter: () => ({ ...adapter, ...changes }),
});
const withCodec = (changes: Partial<LatentCodec<readonly number[]>>): Strips => ({
  ...strip,
  codec: { ...strip.codec, ...changes },
});

it('a correct discrete modality passes', async () => {
  const checks = discreteModalityChecks(letters('letters'), {
    values: words,
    foreignValues: ['A', 1],
    factory: lettersFactory,
  });
  expect(await runChecks(checks)).toEqual([]);
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
});

it('an asynchronous discrete modality passes, too', async () => {
  const { encode, decode, ...rest } = letters('letters');
  const slow: Letters = {
    ...rest,
    encode: async (value) => encode(value),
    decode: async (ids) => decode(ids),
  };
  expect(await runChecks(discreteModalityChecks(slow, { values: words }))).toEqual([]);
  const forgetful = { ...slow, decode: async () => 'b' };
  const found = await runChecks(discreteModalityChecks(forgetful, { values: words }));
  expect(found.join('\n')).toMatch(/decode inverts.*: example 0 is decoded as "b"/);
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
    ...continuousModalityChecks(strips('other'), { ...stripExamples, factory: stripsFactory }),
  ];
  expect(await runChecks(checks)).toEqual([]);
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
      /accepts its own.*: accepts\(\) accepts null/,
    ],
    [
      'that refuses its own',
      { accepts: (value): value is string => typeof value === 'string' && value !== 'a' },
      /accepts its own.*: accepts\(\) refuses the example 1/,
    ],
    [
      'with ids beyond its vocabulary',
      { vocabSize: 5 },
      /ids are.*: encode\(\) of the example 2 returns the id 25/,
    ],
    [
      'whose values differ in length against its word',
      { tokensPerValue: 5 },
      /tokensPerValue of them: encode\(\) of the example 0 returns 0 ids, but tokensPerValue is 5/,
    ],
    [
      'that loses something in a file',
      { media: { ...letters('x').media, encode: async () => new Uint8Array([97]) } },
      /from their files: example 0 is read from its file as "a"/,
    ],
    [
      'that is rebuilt with another vocabulary',
      { vocabSize: 27 },
      /the factory rebuilds an equal modality.*: vocabSize is 26, expected 27/,
    ],
    [
      'that gives plain arrays',
      { encode: (value) => [...letters('x').encode(value)] as unknown as Int32Array },
      /ids are.*not return an Int32Array/,
    ],
    ['that loses something', { decode: () => 'b' }, /decode inverts.*: example 0 is decoded as "b"/],
    [
      'that remembers',
      { encode: (value) => Int32Array.of(...letters('x').encode(value), calls++ % 26) },
      /deterministic.*: encode\(\) of the example 0 returns different ids/,
    ],
    [
      'that decodes only what is whole',
      {
        decode: (ids) => {
          if (ids.length === 3) throw new Error('half a word');
          return letters('x').decode(ids);
        },
      },
      /every prefix.*: decode\(\) throws for the first 3 ids of the example 2/,
    ],
  ];
  it.each(broken)('%s', async (_, changes, expected) => {
    const modality = { ...letters('letters'), ...changes };
    const found = await runChecks(
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
      /finite latents.*non-finite/,
    ],
    [
      'whose codec mixes values',
      withCodec({
        encode: (values) =>
          Promise.resolve(
            values.map((v) => ({ shape: [v.length], data: Float32Array.from(v, (x) => x * values.length) })),
          ),
      }),
      /alone as in a batch.*differs by 1/,
    ],
    [
      'whose codec loses the value',
      withCodec({ decode: (latents) => Promise.resolve(latents.map(({ data }) => [...data.map(() => 0)])) }),
      /reconstructs values.*: the decoded example 0 is 1 away/,
    ],
    ['without a preview of each latent', withCodec({ preview: () => [] }), /returns 0 values for 2 latents/],
    [
      'whose previews are no values',
      withCodec({ preview: (latents) => latents.map(() => [0]) }),
      /the preview of the example 0 is not accepted/,
    ],
    [
      'whose previews change the latent',
      withCodec({ preview: (latents) => latents.map(({ data }) => [...data.fill(0)]) }),
      /codec\.preview\(\) changes the latent of the example 0/,
    ],
    [
      'whose previews are unpredictable',
      withCodec({ preview: (latents) => latents.map(({ data }) => [...data.map(() => calls++)]) }),
      /alone, or the second time, the preview of the example 0 differs/,
    ],
    [
      'whose parameters are unpredictable',
      withAdapter({ init: () => ({ in: tf.scalar(calls++) }) }),
      /depend only on the seed.*different 'in'/,
    ],
    [
      'whose spans see each other',
      withAdapter({
        embed: (params, latents, timesteps) => {
          const { hidden } = adapter.embed(params, latents, timesteps);
          return { hidden: hidden.add(hidden.mean(0, true)), skips: [] };
        },
      }),
      /do not affect each other.*hidden of span 0 differs/,
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
      /depend on the timestep.*no effect/,
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
      /gradients reach.*non-finite/,
    ],
    ['that does not know its cost', withAdapter({ flops: () => NaN }), /floating-point.*flops\(4\) is NaN/],
  ];
  it.each(broken)('%s', async (_, modality, expected) => {
    expect((await runChecks(checksOf(modality))).join('\n')).toMatch(expected);
  });

  const flow = flowEuler();
  it.each([
    ['that does not name its process', { process: '' }, /names its process: process is ""/],
    [
      'that ignores the limit',
      { sampleTimesteps: (n: number) => new Float32Array(n).fill(900) },
      /limits.*returns 900/,
    ],
    ['with negative weights', { lossWeights: (t: Float32Array) => t.map(() => -1) }, /weights.*returns -1/],
    [
      'that is noisy from the start',
      { addNoise: (sample: tf.Tensor, noise: tf.Tensor) => sample.add(noise) },
      /timestep 0.*changes the sample/,
    ],
    ['whose target is a number', { target: () => tf.scalar(0) }, /timestep 0.*target\(\) has the shape \[\]/],
    ['that goes up', { timesteps: (n: number) => [...flow.timesteps(n)].reverse() }, /decrease: step 0/],
    [
      'that stops too early',
      { timesteps: (n: number) => flow.timesteps(n).slice(0, -5) },
      /perfect model.*differs by/,
    ],
  ])('whose noise scheduler is one %s', async (_, changes, expected) => {
    const modality = { ...strip, diffusion: { ...flow, ...changes } };
    expect((await runChecks(checksOf(modality))).join('\n')).toMatch(expected);
  });
});
