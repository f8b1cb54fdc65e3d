import { sizeOf, type ContinuousModality, type ModalityRegistry } from '@transfusion/modality';
import type { Rng } from '@transfusion/nn';
import type { FilledSpan, SequenceLayout } from './layout.js';

/** What was drawn for a span: how noisy it is, and with which noise. */
export interface NoiseSample {
  readonly timestep: number;
  /** Standard normal, as long as the latent. */
  readonly noise: Float32Array;
  /** How much the error at this timestep counts. */
  readonly weight: number;
}

/** A laid-out document with all that training draws for it, so that its loss is settled. */
export interface TrainingSequence {
  readonly layout: SequenceLayout;
  /** One for each span. */
  readonly draws: readonly NoiseSample[];
}

/** How noise is drawn. */
export interface NoiseOptions {
  /**
   * The highest timestep, as a share of all, for a span that stands before its caption; 0.5 in the
   * paper ("noise limit"), 1 for none.
   */
  readonly captionNoiseLimit?: number;
}

/** Draws timesteps and noise for a document's spans. */
export function sampleNoise(
  registry: ModalityRegistry,
  layout: SequenceLayout,
  rng: Rng,
  { captionNoiseLimit = 0.5 }: NoiseOptions = {},
): TrainingSequence {
  const draw = (span: FilledSpan, index: number): NoiseSample => {
    const { diffusion } = registry.get(span.modality) as ContinuousModality;
    const maxTimestep = diffusion.numTrainTimesteps * (span.precedesText ? captionNoiseLimit : 1);
    const stream = rng.fork(`span ${index}`);
    const timesteps = diffusion.sampleTimesteps(1, stream, { maxTimestep });
    const [weight] = diffusion.lossWeights(timesteps);
    return { timestep: timesteps[0], noise: stream.normals(sizeOf(span.latentShape)), weight };
  };
  return { layout, draws: layout.spans.map(draw) };
}
