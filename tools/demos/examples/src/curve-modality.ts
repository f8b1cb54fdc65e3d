/**
 * A modality of one's own: curves of 64 samples, from the public packages alone. It needs a codec
 * (here nothing but the samples themselves), an adapter (linear, eight samples an element), and a
 * noise scheduler; its `media`, a few lines, lets the command line read and write its files.
 */
import { flowEuler, velocity } from '@transfusion/diffusion';
import type { ContinuousModality, LatentAdapter, Media } from '@transfusion/modality';
import {
  initLinear,
  initTimestepEmbedding,
  linear,
  normal,
  timestepEmbedding,
  type LinearParams,
  type TimestepEmbeddingParams,
} from '@transfusion/nn';
import type * as tf from '@transfusion/tfjs';

const SAMPLES = 64;
const SAMPLES_PER_ELEMENT = 8;
const ELEMENTS = SAMPLES / SAMPLES_PER_ELEMENT;

/** 64 samples from -1 to 1. */
export type Curve = Float32Array;

type AdapterParams = {
  readonly timestep: TimestepEmbeddingParams;
  readonly places: tf.Tensor;
  readonly in: LinearParams;
  readonly out: LinearParams;
};

const isCurve = (value: unknown): value is Curve => value instanceof Float32Array && value.length === SAMPLES;

/** A sample a line. */
const media: Media<Curve> = {
  mediaType: 'text/csv',
  extensions: ['.csv'],
  decode: async (bytes) => {
    const samples = Float32Array.from(new TextDecoder().decode(bytes).trim().split('\n'), Number);
    if (isCurve(samples) && samples.every(Number.isFinite)) return samples;
    throw new Error(`not a curve (found ${samples.length} lines, expected ${SAMPLES} finite numbers)`);
  },
  encode: async (samples) => new TextEncoder().encode(`${samples.join('\n')}\n`),
};

/** Curves as a continuous modality. */
export function curve(): ContinuousModality<'curve', Curve> {
  const shape = [SAMPLES];
  return {
    specificationVersion: 'v1',
    kind: 'continuous',
    name: 'curve',
    media,
    accepts: isCurve,
    codec: {
      id: 'curve 64',
      encode: async (curves) => curves.map((data) => ({ shape, data })),
      decode: async (latents) => latents.map(({ data }) => data),
    },
    diffusion: flowEuler({ predictionType: 'sample', lossWeighting: velocity(0.2) }),
    lossWeight: 5,
    latentShapes: [shape],
    spanLength: () => ELEMENTS,
    createAdapter: curveAdapter,
  };
}

function curveAdapter(modelDim: number): LatentAdapter {
  return {
    init: (rng): AdapterParams => ({
      timestep: initTimestepEmbedding(rng.fork('timestep'), modelDim),
      places: normal(rng.fork('places'), [ELEMENTS, modelDim], 0.02),
      // Small at first, as embeddings of tokens are.
      in: initLinear(rng.fork('in'), SAMPLES_PER_ELEMENT, modelDim, { stddev: 0.02, bias: true }),
      out: initLinear(rng.fork('out'), modelDim, SAMPLES_PER_ELEMENT, { bias: true }),
    }),
    embed: (params, noisyLatents, timesteps) => {
      const { timestep, places, in: inward } = params as AdapterParams;
      const elements = noisyLatents.reshape([-1, ELEMENTS, SAMPLES_PER_ELEMENT]);
      const time = timestepEmbedding(timestep, timesteps).reshape([-1, 1, modelDim]);
      const hidden = linear(inward, elements).add(places).add(time) as tf.Tensor3D; // [N, P, D]
      return { hidden, skips: [] };
    },
    project: (params, hidden) => linear((params as AdapterParams).out, hidden).reshape([-1, SAMPLES]),
    flops: () => 2 * 2 * SAMPLES * modelDim,
  };
}
