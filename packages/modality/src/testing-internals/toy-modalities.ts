/** Modalities small enough to break on purpose. */
import type * as tf from '@tensorflow/tfjs';
import { flowEuler } from '@transfusion/diffusion';
import { initLinear, linear, type LinearParams } from '@transfusion/nn';
import type { ContinuousModality, DiscreteModality, LatentAdapter } from '../modality.js';

/** Lower-case words, a letter a token. */
export function letters<const Name extends string>(name: Name, vocabSize = 26) {
  return {
    specificationVersion: 'v1',
    kind: 'discrete',
    name,
    vocabSize,
    accepts: (value): value is string => typeof value === 'string' && /^[a-z]*$/.test(value),
    encode: (value) => Int32Array.from(value, (letter) => letter.charCodeAt(0) - 97),
    decode: (ids) => String.fromCharCode(...Array.from(ids, (id) => id + 97)),
  } satisfies DiscreteModality<Name, string>;
}

type StripParams = { readonly in: LinearParams; readonly time: LinearParams; readonly out: LinearParams };

/** Each pair of numbers is an element of the sequence. */
function stripAdapter(modelDim: number): LatentAdapter {
  return {
    init: (rng): StripParams => ({
      in: initLinear(rng.fork('in'), 2, modelDim, { bias: true }),
      time: initLinear(rng.fork('time'), 1, modelDim),
      out: initLinear(rng.fork('out'), modelDim, 2, { bias: true }),
    }),
    embed: (params, noisyLatents, timesteps) => {
      const { in: inward, time } = params as StripParams;
      const [N, length] = noisyLatents.shape;
      const elements = linear(inward, noisyLatents.reshape([N, length / 2, 2]));
      const times = linear(time, timesteps.div(1000).reshape([N, 1, 1]));
      return { hidden: elements.add(times) as tf.Tensor3D, skips: [] };
    },
    project: (params, hidden, _timesteps, _skips, [length]) =>
      linear((params as StripParams).out, hidden).reshape([-1, length]),
    flops: ([length]) => (length / 2) * 2 * 2 * 2 * modelDim + 2 * modelDim,
  };
}

/** Strips of 4 or 6 numbers. */
export function strips<const Name extends string>(name: Name): ContinuousModality<Name, readonly number[]> {
  return {
    specificationVersion: 'v1',
    kind: 'continuous',
    name,
    accepts: (value): value is readonly number[] =>
      Array.isArray(value) && (value.length === 4 || value.length === 6),
    codec: {
      id: 'strips',
      encode: (values) =>
        Promise.resolve(values.map((v) => ({ shape: [v.length], data: Float32Array.from(v) }))),
      decode: (latents) => Promise.resolve(latents.map(({ data }) => [...data])),
    },
    diffusion: flowEuler(),
    lossWeight: 5,
    latentShapes: [[4], [6]],
    spanLength: ([length]) => length / 2,
    createAdapter: stripAdapter,
  };
}
