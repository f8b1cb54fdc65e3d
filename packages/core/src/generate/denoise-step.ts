import { restoreKnown } from './known-latent.js';
import type { OpenSpan } from './open-span.js';

/**
 * Takes one step of the span's sampler with the (guided) output of the model. After the last step, the known
 * part of the latent is restored.
 *
 * @returns the model's prediction of the clean latent
 * @throws TransfusionError `mismatch` for a sampler that returns a sample of another size
 */
export async function denoiseStep(span: OpenSpan, output: Float32Array): Promise<Float32Array> {
  const { sampler, steps, stepsTaken, rng, known } = span;
  const noise = sampler.stochastic ? rng.fork(stepsTaken).normals(span.sample.length) : undefined;
  const { sample, predOriginalSample } = await sampler.step(steps[stepsTaken], output, span.sample, noise);
  span.stepsTaken++;
  const isLast = span.stepsTaken === steps.length;
  span.sample = restoreKnown(isLast ? known : undefined, sample);
  return restoreKnown(known, predOriginalSample);
}
