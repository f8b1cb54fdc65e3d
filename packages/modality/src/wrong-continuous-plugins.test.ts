/** For each law of the continuous suite a plug-in that breaks it: modality, function, found and expected are named. */
import * as tf from '@transfusion/tfjs';
import { flowEuler, type NoiseScheduler } from '@transfusion/diffusion';
import type { Params } from '@transfusion/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Media } from './media.js';
import type { LatentAdapter, LatentCodec } from './modality.js';
import { continuousModalityChecks } from './testing.js';
import { runChecks, strip, stripExamples, type Strips } from './testing-internals/strip-checks.js';
import { stripsFactory } from './testing-internals/toy-modalities.js';
import {
  expectFailure,
  fails,
  laws,
  lawsOfFactories,
  type WrongPlugin,
} from './testing-internals/wrong-plugin.js';

beforeAll(() => tf.setBackend('cpu'));

type Values = readonly (readonly number[])[];

const examples = { ...stripExamples, factory: stripsFactory };
let calls = 0;

const adapter = strip.createAdapter(32);
const withAdapter = (changes: Partial<LatentAdapter>): Strips => ({
  ...strip,
  createAdapter: () => ({ ...adapter, ...changes }),
});
const withCodec = (changes: Partial<LatentCodec<readonly number[]>>): Strips => ({
  ...strip,
  codec: { ...strip.codec, ...changes },
});
const withMedia = (changes: Partial<Media<readonly number[]>>): Strips => ({
  ...strip,
  media: { ...strip.media!, ...changes },
});
const flow = flowEuler();
const withScheduler = (changes: Partial<NoiseScheduler>): Strips => ({
  ...strip,
  diffusion: { ...flow, ...changes },
});
/** Changes results at the timestep 0. */
const atZero = (
  method: 'addNoise' | 'target',
  change: (sample: tf.Tensor, noise: tf.Tensor) => tf.Tensor,
) => ({
  [method]: (sample: tf.Tensor, noise: tf.Tensor, timesteps: tf.Tensor1D) =>
    timesteps.dataSync()[0] === 0 ? change(sample, noise) : flow[method](sample, noise, timesteps),
});
const latentsOf = (values: Values, map: (x: number) => number) =>
  values.map((v) => ({ shape: [v.length], data: Float32Array.from(v, map) }));

const FINITE = 'the codec returns finite latents of listed shapes';
const RECONSTRUCTS = 'the codec reconstructs values';
const PREVIEWS = 'the codec previews a latent as a value, alone as in a batch, and leaves it as it is';
const SEED = 'the adapter’s parameters depend only on the seed';
const SHAPES = 'the adapter takes every latent shape with the same parameters';
const GRADIENTS = 'gradients reach every parameter of the adapter';
const LIMITS = 'training timesteps are within their limits, and loss weights are non-negative';
const AT_ZERO = 'at timestep 0 there is almost no noise, and the target has the sample’s shape';

const continuous: WrongPlugin<Strips>[] = [
  [
    'a field',
    { ...strip, lossWeight: -1 },
    laws.fields,
    "modality 'strip': lossWeight is -1, expected a finite number of at least 0. Set it to 5, as in the paper.",
  ],
  [
    'what it accepts',
    { ...strip, accepts: (value): value is number[] => !!value },
    laws.accepts,
    "modality 'strip': accepts() returned true for Symbol(foreign), expected false",
  ],
  [
    'that the span length depends on the array',
    { ...strip, spanLength: (shape) => (strip.latentShapes.includes(shape) ? 3 : shape[0] / 2) },
    'spanLength is always the same',
    "modality 'strip': spanLength(4) returned 3, and then 2, expected the same",
  ],
  [
    'the shape of a latent',
    { ...strip, latentShapes: [[4]] },
    FINITE,
    "example 1: codec.encode() of modality 'strip': the latent has the shape 6, expected one of 'strip': 4. Add the shape " +
      'to latentShapes, or load the matching codec.',
    6,
  ],
  [
    'an element of a latent',
    withCodec({ encode: async (values) => latentsOf(values, () => NaN) }),
    FINITE,
    "example 0: codec.encode() of modality 'strip' returned NaN at 0 of the latent, expected finite numbers. Correct the " +
      'value, or the codec.',
    6,
  ],
  [
    'the number of latents',
    withCodec({ encode: async (values) => latentsOf(values.slice(1), Number) }),
    FINITE,
    "example 1: codec.encode() of modality 'strip' returned 1 latents, expected 2. Return one for each value, in order.",
    6,
  ],
  [
    'what holds the latents',
    withCodec({ encode: async () => new Float32Array(4) as never }),
    FINITE,
    "example 0 to example 1: codec.encode() of modality 'strip' returned an instance of Float32Array, expected an array of " +
      '2 latents. Return one for each value, in order.',
    6,
  ],
  [
    'what it encodes to',
    withCodec({ encode: async (values) => values as never }),
    FINITE,
    "example 0: codec.encode() of modality 'strip' returned an instance of Array, expected a latent. Return { shape, data: " +
      'Float32Array }.',
    6,
  ],
  [
    'the length of a latent',
    withCodec({
      encode: async (values) => values.map((v) => ({ shape: [v.length], data: new Float32Array(3) })),
    }),
    FINITE,
    "example 0: codec.encode() of modality 'strip' returned a latent of 3 elements, expected 4 for [4]. Correct its shape, " +
      'or its data.',
    6,
  ],
  [
    'that the codec rejects',
    withCodec({ encode: async () => fails('no weights')() }),
    FINITE,
    "example 0 to example 1: codec.encode() of modality 'strip' threw 'Error: no weights', expected a result. Its stack is " +
      "in the error's cause.",
    6,
  ],
  [
    'that values affect each other',
    withCodec({
      encode: async (values) => latentsOf(values, (x) => x + 0.001 * (values.length - 1)),
      decode: async (latents) =>
        latents.map(({ data }) => Array.from(data, (x) => Math.round(x * 100) / 100)),
    }),
    'the codec encodes a value alone as in a batch',
    "modality 'strip': codec.encode() returned for the example 0 alone a latent that differs by 0.00100004",
  ],
  [
    'what is decoded',
    withCodec({ decode: async (latents) => latents.map(({ data }) => [...data.map(() => 0)]) }),
    RECONSTRUCTS,
    "modality 'strip': codec.decode() returned for the example 0 a value 1 away from the original, expected at most " +
      '0.000001',
  ],
  [
    'the number of decoded values',
    withCodec({ decode: async () => [] }),
    RECONSTRUCTS,
    "example 0: codec.decode() of modality 'strip' returned 0 values, expected 2. Return one for each latent, in order.",
  ],
  [
    'a decoded value',
    withCodec({ decode: async (latents) => latents.map(() => [0]) }),
    RECONSTRUCTS,
    "modality 'strip': codec.decode() returned for the example 0 an instance of Array, expected a value that accepts() " +
      'accepts',
  ],
  [
    'that codec.decode throws',
    withCodec({ decode: fails('no weights') }),
    RECONSTRUCTS,
    "example 0 to example 1: codec.decode() of modality 'strip' threw 'Error: no weights', expected a result. Its stack is " +
      "in the error's cause.",
  ],
  [
    'the number of previews',
    withCodec({ preview: () => [] }),
    PREVIEWS,
    "modality 'strip': codec.preview() returned 0 values for 2 latents, expected one each",
  ],
  [
    'a preview',
    withCodec({ preview: (latents) => latents.map(() => [0]) }),
    PREVIEWS,
    "modality 'strip': codec.preview() returned an instance of Array for the example 0, expected a value that accepts() " +
      'accepts',
  ],
  [
    'that a preview changes its latent',
    withCodec({ preview: (latents) => latents.map(({ data }) => [...data.fill(0)]) }),
    PREVIEWS,
    "modality 'strip': codec.preview() changed the latent of the example 0, expected it to stay as it is",
  ],
  [
    'that previews differ',
    withCodec({ preview: (latents) => latents.map(({ data }) => [...data.map(() => calls++)]) }),
    PREVIEWS,
    "modality 'strip': codec.preview() returned a different value for the example 0 alone, or the second time, expected the " +
      'same',
  ],
  [
    'a file',
    withMedia({ encode: async () => 'abc' as unknown as Uint8Array }),
    laws.files,
    'modality \'strip\': media.encode() returned the string "abc" for the example 0, expected a Uint8Array',
  ],
  [
    'a sheet',
    withMedia({
      sheet: async () => ({ mediaType: 'text/plain', extension: '.txt', bytes: new Uint8Array() }),
    }),
    'a sheet of values is a file',
    "modality 'strip': media.sheet() of 2 values returned no bytes, expected those of a file",
  ],
  [
    'its config',
    { ...strip, config: undefined },
    laws.config,
    "modality 'strip': config is undefined, expected an object with a type",
    1,
  ],
  [
    'its codec when it is rebuilt',
    { ...strip, assets: async () => ({ 'codec.txt': Uint8Array.of(97) }) },
    laws.rebuilt,
    'modality \'strip\': create() returned a modality with codec.id "a", expected "strips"',
  ],
  [
    'that parameters are unpredictable',
    withAdapter({
      init: (rng) => {
        const { in: inward, ...others } = adapter.init(rng) as {
          readonly in: { readonly weight: tf.Tensor };
        };
        return { ...others, in: { ...inward, weight: inward.weight.mul(1 + calls++) } } as Params;
      },
    }),
    SEED,
    "modality 'strip': init() returned a different 'in.weight' the second time for the same seed, expected the same",
  ],
  [
    'the type of parameters',
    withAdapter({ init: () => ({ in: tf.zeros([2], 'int32') }) }),
    SEED,
    "modality 'strip': init() returned a tensor of int32 at 'in', expected float32. Parameters are trained: cast it.",
    4,
  ],
  [
    'a function of the adapter',
    { ...strip, createAdapter: () => ({ ...adapter, embed: undefined as never }) },
    SEED,
    "modality 'strip': createAdapter().embed is undefined, expected a function. Implement it.",
    5,
  ],
  [
    'the length of a span',
    { ...strip, spanLength: ([length]) => length },
    SHAPES,
    "modality 'strip': embed() returned hidden vectors of [1,2,32], expected [1,4,32] (spans, spanLength, modelDim). Reshape " +
      'the result.',
    3,
  ],
  [
    'the shape of the output',
    withAdapter({ project: (...args) => adapter.project(...args).expandDims(1) }),
    SHAPES,
    "modality 'strip': project() returned [1,1,4], expected [1,4] (its latent shape). Reshape the result.",
    3,
  ],
  [
    'that project throws',
    withAdapter({ project: fails('no skips') }),
    SHAPES,
    "modality 'strip': project() threw 'Error: no skips', expected a result. Its stack is in the error's cause.",
    3,
  ],
  [
    'that spans see each other',
    withAdapter({
      embed: (params, latents, timesteps) => {
        const { hidden } = adapter.embed(params, latents, timesteps);
        return { hidden: hidden.add(hidden.sum(0, true).sign()), skips: [] };
      },
    }),
    'spans of a batch do not affect each other',
    "modality 'strip': embed() returned for span 0 of a batch a result that differs by 2 from the span alone, expected at " +
      'most',
  ],
  [
    'that the timestep does nothing',
    withAdapter({
      init: (rng) => {
        const { time: _, ...others } = adapter.init(rng) as Readonly<Record<string, Params>>;
        return others;
      },
      embed: (params, latents, timesteps) =>
        adapter.embed(
          { ...(params as object), time: { weight: tf.zeros([1, 32]) } } as Params,
          latents,
          timesteps,
        ),
    }),
    'the adapter’s results depend on the timestep',
    "modality 'strip': embed() and project() returned the same at two timesteps, expected results that depend on them",
  ],
  [
    'a parameter that does nothing',
    withAdapter({
      init: (rng) => ({ ...(adapter.init(rng) as Readonly<Record<string, Params>>), idle: tf.ones([2]) }),
    }),
    GRADIENTS,
    "modality 'strip': project() has a gradient of 0 for 'idle', expected every parameter of init() to matter",
  ],
  [
    'its cost',
    withAdapter({ flops: () => NaN }),
    'the adapter counts its floating-point operations',
    "modality 'strip': flops() returned NaN, expected a finite number of at least 0. Count the operations of embed() and " +
      'project().',
  ],
  [
    'the process',
    withScheduler({ process: '' }),
    'the noise scheduler names its process',
    "modality 'strip': the noise scheduler's process is \"\", expected a string that is not empty",
  ],
  [
    'the config of the noise scheduler',
    withScheduler({ config: { type: '' } }),
    'a config of the noise scheduler is plain JSON with a type',
    "modality 'strip': the noise scheduler's config.type is empty, expected the type that a factory has",
  ],
  [
    'a training timestep',
    withScheduler({ sampleTimesteps: (n: number) => new Float32Array(n).fill(900) }),
    LIMITS,
    "modality 'strip': sampleTimesteps() returned 900, expected 0 to 500",
  ],
  [
    'the weight of a loss',
    withScheduler({ lossWeights: (timesteps) => timesteps.map(() => -1) }),
    LIMITS,
    "modality 'strip': lossWeights() returned -1, expected finite numbers of at least 0",
  ],
  [
    'the noise',
    withScheduler({ addNoise: (sample, noise, timesteps) => flow.addNoise(sample, noise.mul(2), timesteps) }),
    'noiseLevelAt returns the scales of addNoise',
    "modality 'strip': at timestep 1000, addNoise() differs by",
  ],
  [
    'the noise at 0',
    withScheduler(atZero('addNoise', (sample, noise) => sample.add(noise))),
    AT_ZERO,
    "modality 'strip': addNoise() at timestep 0 changed the sample by 0.7349353843624127, expected less than 0.1",
  ],
  [
    'the target at 0',
    withScheduler(atZero('target', () => tf.scalar(0))),
    AT_ZERO,
    "modality 'strip': target() has the shape [], expected [1,4], the shape of the sample",
  ],
  [
    'the order of sampling',
    withScheduler({ timesteps: (n) => [...flow.timesteps(n)].reverse() }),
    'the sampling timesteps decrease',
    "modality 'strip': step 0 of timesteps() ends at 0, expected 99.99999999999997, where the next starts",
  ],
  [
    'the end of sampling',
    withScheduler({ timesteps: (n) => flow.timesteps(n).slice(0, -5) }),
    'with a perfect model, sampling recovers the sample',
    "modality 'strip': step() led to a sample that differs by 0.22943362036552478 from the model's, expected less than 0.02",
  ],
];

describe('a continuous modality is wrong in', () => {
  it.each<WrongPlugin<Strips>>(continuous)('%s', async (...[, modality, law, message, others]) => {
    calls = 0;
    const found = await runChecks(
      continuousModalityChecks(modality, lawsOfFactories.includes(law) ? examples : stripExamples),
    );
    expectFailure(found, `strip: ${law}`, message, others);
  });

  it('each of its laws', () => {
    const broken = new Set(continuous.map(([, , law]) => `strip: ${law}`));
    const names = continuousModalityChecks(strip, examples).map(({ name }) => name);
    expect(names.filter((name) => !broken.has(name))).toEqual([]);
  });
});
