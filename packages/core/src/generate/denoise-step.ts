import { TransfusionError } from '@transfusion/errors';
import * as tf from '@transfusion/tfjs';
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
    const { prevSample, predOriginalSample, memory: newMemory = {} } = result;
    for (const tensor of [prevSample, predOriginalSample, ...Object.values(newMemory)]) {
      disposable.add(tensor);
    }
    const [next, clean] = await Promise.all([prevSample.data(), predOriginalSample.data()]);
    checkSize(span, next.length);
    // Disposes of the old memory and keeps the new one, which may share tensors with the results.
    for (const tensor of Object.values(memory ?? {})) disposable.add(tensor);
    for (const tensor of Object.values(newMemory)) disposable.delete(tensor);
    span.stepsTaken++;
    const isLast = span.stepsTaken === steps.length;
    span.sample = restoreKnown(isLast ? known : undefined, next as Float32Array);
    span.memory = result.memory;
    return restoreKnown(known, clean as Float32Array);
  } finally {
    tf.dispose([...disposable]);
  }
}

function checkSize({ modality, sample }: OpenSpan, size: number): void {
  if (size === sample.length) return;
  throw new TransfusionError(
    'mismatch',
    `generate: the sampler of '${modality.name}' returned a sample of ${size} elements, ` +
      `expected ${sample.length}. Check its \`step\`.`,
  );
}
