import * as tf from '@tensorflow/tfjs';
import { withKnown } from './known-latent.js';
import type { OpenSpan } from './open-span.js';

/**
 * Takes one step of the span's sampler from the (guided) output of the model. After the last one, the known part of
 * the latent is put back.
 *
 * @returns the model's prediction of the clean latent
 */
export async function denoiseStep(span: OpenSpan, output: Float32Array): Promise<Float32Array> {
  const { scheduler, steps, stepsTaken, sample, memory, rng, latentShape, known } = span;
  const shape = [1, ...latentShape];
  const noise = scheduler.stochastic ? rng.fork(stepsTaken).normals(sample.length) : undefined;
  const inputs = {
    output: tf.tensor(output, shape),
    sample: tf.tensor(sample, shape),
    ...(noise === undefined ? {} : { noise: tf.tensor(noise, shape) }),
  };
  const disposable = new Set<tf.Tensor>(Object.values(inputs));
  try {
    const options = { memory, noise: inputs.noise };
    const result = scheduler.step(inputs.output, steps[stepsTaken], inputs.sample, options);
    const { prevSample, predOriginalSample, memory: remembered = {} } = result;
    for (const tensor of [prevSample, predOriginalSample, ...Object.values(remembered)])
      disposable.add(tensor);
    const [next, clean] = await Promise.all([prevSample.data(), predOriginalSample.data()]);
    // The sampler's new memory stays, even where it is one of its results; the old one goes.
    for (const tensor of Object.values(memory ?? {})) disposable.add(tensor);
    for (const tensor of Object.values(remembered)) disposable.delete(tensor);
    span.stepsTaken++;
    const isLast = span.stepsTaken === steps.length;
    span.sample = withKnown(isLast ? known : undefined, next as Float32Array);
    span.memory = result.memory;
    return withKnown(known, clean as Float32Array);
  } finally {
    tf.dispose([...disposable]);
  }
}
