import { sizeOf, type ContinuousModality, type ModalityRegistry } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { FilledSpan, SequenceLayout } from './layout.js';

/** The sampled timestep and noise of a span. */
export interface NoiseSample {
  readonly timestep: number;
  /** Standard normal, one value per element of the latent. */
  readonly noise: Float32Array;
  /** Loss weight at this timestep. */
  readonly weight: number;
}

/** A laid-out document with its noise samples, which together determine its loss. */
export interface TrainingSequence {
  readonly layout: SequenceLayout;
  /** One for each span. */
  readonly noiseSamples: readonly NoiseSample[];
}

/** Options of {@link sampleNoise}. */
export interface NoiseOptions {
  /**
   * Maximum timestep of a span that precedes its caption, as a fraction of `numTrainTimesteps`; defaults to
   * 0.5 as in the paper ("noise limit"). 1 disables the limit.
   */
  readonly captionNoiseLimit?: number;
}

/** Samples timesteps and noise for a document's spans. */
export function sampleNoise(
  registry: ModalityRegistry,
  layout: SequenceLayout,
  rng: Rng,
  { captionNoiseLimit = 0.5 }: NoiseOptions = {},
): TrainingSequence {
  const sample = (span: FilledSpan, index: number): NoiseSample => {
    const { diffusion } = registry.get(span.modality) as ContinuousModality;
    const maxTimestep = diffusion.numTrainTimesteps * (span.precedesText ? captionNoiseLimit : 1);
    const stream = rng.fork(`span ${index}`);
    const timesteps = diffusion.sampleTimesteps(1, stream, { maxTimestep });
    const [weight] = diffusion.lossWeights(timesteps);
    return { timestep: timesteps[0], noise: stream.normals(sizeOf(span.latentShape)), weight };
  };
  return { layout, noiseSamples: layout.spans.map(sample) };
}
