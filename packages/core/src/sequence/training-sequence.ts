import { sizeOf, type ContinuousModality, type ModalityRegistry } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { FilledSpan, SequenceLayout } from './layout.js';

/** The timestep and the noise that were sampled for a span. */
export interface NoiseSample {
  readonly timestep: number;
  /** Standard normal, as long as the latent. */
  readonly noise: Float32Array;
  /** Weight of the error at this timestep. */
  readonly weight: number;
}

/** A laid-out document with all that training samples for it, so that its loss is settled. */
export interface TrainingSequence {
  readonly layout: SequenceLayout;
  /** One for each span. */
  readonly noiseSamples: readonly NoiseSample[];
}

/** Options of {@link sampleNoise}. */
export interface NoiseOptions {
  /**
   * The highest timestep, as a share of all, for a span that stands before its caption; defaults to 0.5 as in the
   * paper ("noise limit"), 1 for none.
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
