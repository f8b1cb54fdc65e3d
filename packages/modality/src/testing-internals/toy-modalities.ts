/** Minimal modalities that tests break on purpose. */
import type * as tf from '@transfusion/tfjs';
import { flowEuler } from '@transfusion/diffusion';
import { initLinear, linear, type LinearParams } from '@transfusion/nn';
import type { ModalityFactory } from '../modality-factory.js';
import type { ContinuousModality, DiscreteModality, LatentAdapter } from '../modality.js';

/** A modality of lower-case words, with one token per letter. */
export function letters<const Name extends string>(name: Name, vocabSize = 26) {
  return {
    specificationVersion: 'v1',
    kind: 'discrete',
    name,
    vocabSize,
    accepts: (value): value is string => typeof value === 'string' && /^[a-z]*$/.test(value),
    encode: (value) => Int32Array.from(value, (letter) => letter.charCodeAt(0) - 97),
    decode: (ids) => String.fromCharCode(...Array.from(ids, (id) => id + 97)),
    config: { type: 'letters', vocabSize },
    media: {
      mediaType: 'text/plain',
      extensions: ['.txt', '.words.txt'],
      decode: async (bytes) => new TextDecoder().decode(bytes),
      encode: async (value) => new TextEncoder().encode(value),
    },
  } satisfies DiscreteModality<Name, string>;
}

/** Rebuilds {@link letters}. */
export const lettersFactory: ModalityFactory = {
  type: 'letters',
  create: async ({ vocabSize }, _, name) => letters(name, vocabSize as number),
};

type StripParams = { readonly in: LinearParams; readonly time: LinearParams; readonly out: LinearParams };

/** Creates an adapter with one position per two elements. */
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

/** A modality of 4 or 6 numbers, with the codec's id as an asset. */
export function strips<const Name extends string>(
  name: Name,
  codecId = 'strips',
): ContinuousModality<Name, readonly number[]> {
  return {
    specificationVersion: 'v1',
    kind: 'continuous',
    name,
    accepts: (value): value is readonly number[] =>
      Array.isArray(value) && (value.length === 4 || value.length === 6),
    codec: {
      id: codecId,
      encode: (values) =>
        Promise.resolve(values.map((v) => ({ shape: [v.length], data: Float32Array.from(v) }))),
      decode: (latents) => Promise.resolve(latents.map(({ data }) => [...data])),
      preview: (latents) => latents.map(({ data }) => Array.from(data, Math.round)),
    },
    diffusion: flowEuler(),
    lossWeight: 5,
    latentShapes: [[4], [6]],
    spanLength: ([length]) => length / 2,
    createAdapter: stripAdapter,
    config: { type: 'strips' },
    assets: async () => ({ 'codec.txt': new TextEncoder().encode(codecId) }),
    media: {
      mediaType: 'application/x-strip',
      extensions: ['.strip'],
      decode: async (bytes) => [...new Float32Array(bytes.slice().buffer)],
      encode: async (value) => new Uint8Array(Float32Array.from(value).buffer),
      sheet: async (values) => ({
        mediaType: 'text/plain',
        extension: '.txt',
        bytes: new TextEncoder().encode(values.join('\n')),
      }),
    },
  };
}

/** Rebuilds {@link strips}. */
export const stripsFactory: ModalityFactory = {
  type: 'strips',
  create: async (_, assets, name) => strips(name, new TextDecoder().decode(await assets.read('codec.txt'))),
};
