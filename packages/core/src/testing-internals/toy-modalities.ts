/** Minimal discrete and continuous modalities, and a tiny model of them. */
import type * as tf from '@transfusion/tfjs';
import { flowEuler, type NoiseScheduler } from '@transfusion/diffusion';
import {
  createModalityRegistry,
  type ContinuousModality,
  type DiscreteModality,
  type LatentAdapter,
} from '@transfusion/modality';
import { initLinear, linear, type LinearParams } from '@transfusion/nn';
import { createTransfusion, type Transfusion, type TransfusionOptions } from '../model/transfusion.js';
import { transformerConfig, type TransformerOptions } from '../trunk/config.js';

/** The letters a to f, each a token. */
export function letters<const Name extends string>(name: Name) {
  return {
    specificationVersion: 'v1',
    kind: 'discrete',
    name,
    vocabSize: 6,
    accepts: (value): value is string => typeof value === 'string' && /^[a-f]*$/.test(value),
    encode: (value) => Int32Array.from(value, (letter) => letter.charCodeAt(0) - 97),
    decode: (ids) => String.fromCharCode(...Array.from(ids, (id) => id + 97)),
  } satisfies DiscreteModality<Name, string>;
}

type StripParams = { readonly in: LinearParams; readonly time: LinearParams; readonly out: LinearParams };

/** Maps each pair of numbers to an element of the sequence, with a skip connection past the transformer. */
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
      return { hidden: elements.add(times) as tf.Tensor3D, skips: [noisyLatents] };
    },
    project: (params, hidden, _timesteps, [noisyLatents], [length]) =>
      linear((params as StripParams).out, hidden)
        .reshape([-1, length])
        .add(noisyLatents.mul(0.1)),
    flops: ([length]) => 2 * (length / 2) * 2 * 2 * modelDim + 2 * modelDim,
  };
}

/** Strips of 4 or 6 numbers: spans of 2 or 3 elements. */
export function strips<const Name extends string>(
  name: Name,
  diffusion: NoiseScheduler = flowEuler(),
): ContinuousModality<Name, readonly number[]> {
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
    diffusion,
    lossWeight: 5,
    latentShapes: [[4], [6]],
    spanLength: ([length]) => length / 2,
    createAdapter: stripAdapter,
  };
}

/** Letters, and two modalities of strips. */
export const toyRegistry = createModalityRegistry(letters('text'), strips('strip'), strips('wave'));

/** A model over {@link toyRegistry}, small enough for a few milliseconds a call. */
export function toyModel(
  transformer: Partial<TransformerOptions> = {},
  options: Partial<TransfusionOptions> = {},
): Transfusion {
  return createTransfusion({
    transformer: transformerConfig({
      numLayers: 2,
      modelDim: 16,
      numHeads: 2,
      ffnDim: 24,
      ...transformer,
    }),
    modalities: toyRegistry,
    ...options,
  });
}
