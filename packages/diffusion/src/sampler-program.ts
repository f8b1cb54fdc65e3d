import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { createRng } from '@transfusion/nn/rng';
import { leastSquares } from './least-squares.js';
import type { NoiseScheduler, SamplerMemory } from './noise-scheduler.js';
import type { ProgramStep, SamplerProgram } from './program.js';

/** Number of probes of each of two scales. */
const NUM_PROBES = 64;

/** Standard deviations of probes: small ones, which are not clipped, and larger ones. */
const SCALES = [0.01, 3];

/** Largest relative error of a step of float32. */
const TOLERANCE = 1e-4;

/**
 * Returns a sampler's steps as numbers. They are found by probing: the scheduler steps from random samples and outputs,
 * and what it returns is written as a linear combination of what it was given. So it works for schedulers of any package,
 * as long as their steps are linear but for the clipping of the predicted clean sample.
 *
 * @throws TransfusionError `invalid-argument` for a scheduler whose steps are not, and as its `timesteps`
 */
export function samplerProgram(scheduler: NoiseScheduler, numInferenceSteps: number): SamplerProgram {
  const rng = createRng(0).fork('probes');
  const size = SCALES.length * NUM_PROBES;
  const scaleOf = (i: number): number => SCALES[Math.floor(i / NUM_PROBES)];
  const scaled = (name: string): Float32Array =>
    rng
      .fork(name)
      .normals(size)
      .map((x, i) => x * scaleOf(i));
  /** Rows of both scales count alike. */
  const fit = (what: string, target: Float32Array, columns: readonly Float32Array[]): number[] => {
    const normalized = (values: Float32Array): Float64Array =>
      Float64Array.from(values, (x, i) => x / scaleOf(i));
    const { weights, error } = leastSquares(columns.map(normalized), normalized(target));
    if (error <= TOLERANCE) return weights;
    throw new TransfusionError(
      'invalid-argument',
      `samplerProgram: ${what} of '${scheduler.name}' is no linear combination of sample, output, predicted clean sample, ` +
        'noise and memory. Export with another sampler.',
    );
  };
  let memory: SamplerMemory | undefined;
  let clip: number | undefined;
  try {
    const steps = scheduler.timesteps(numInferenceSteps).map((at, n): ProgramStep => {
      const [sample, output, noise] = ['sample', 'output', 'noise'].map((name) => scaled(`${name} ${n}`));
      const before = arraysOf(memory, size);
      const { original, next, after } = tf.tidy(() => {
        const result = scheduler.step(tf.tensor1d(output), at, tf.tensor1d(sample), {
          memory,
          ...(scheduler.stochastic && { noise: tf.tensor1d(noise) }),
        });
        return {
          original: result.predOriginalSample.dataSync<'float32'>(),
          next: result.prevSample.dataSync<'float32'>(),
          after: Object.fromEntries(
            Object.entries(result.memory ?? {}).map(([name, tensor]) => [name, tf.keep(tensor.clone())]),
          ),
        };
      });
      tf.dispose(Object.values(memory ?? {}));
      memory = after;
      const small = (values: Float32Array): Float32Array => values.slice(0, NUM_PROBES);
      const originalWeights = fit('the predicted clean sample', small(original), [
        small(sample),
        small(output),
      ]);
      const [ofSample, ofOutput] = originalWeights;
      const isClipped = original.some(
        (x, i) => Math.abs(ofSample * sample[i] + ofOutput * output[i] - x) > TOLERANCE * scaleOf(i) * 10,
      );
      if (isClipped) clip = Math.max(clip ?? 0, ...original.map(Math.abs));
      const columns = [sample, output, original, noise, ...before.values()];
      const used = (index: number): boolean =>
        // Unclipped, the prediction is a combination of the others.
        (index !== 1 || isClipped) && (index !== 3 || scheduler.stochastic);
      const indices = columns.map((_, index) => index).filter(used);
      const weightsOf = (what: string, target: Float32Array): number[] => {
        const found = fit(
          what,
          target,
          indices.map((index) => columns[index]),
        );
        const weights = new Array<number>(columns.length).fill(0);
        found.forEach((weight, i) => (weights[indices[i]] = weight));
        return weights;
      };
      const { alpha, sigma } = scheduler.noiseLevelAt(at.t);
      return {
        t: at.t,
        tPrev: at.tPrev,
        alpha,
        sigma,
        original: originalWeights,
        next: weightsOf('a step', next),
        memory: [...arraysOf(memory, size)].map(([name, array]) => weightsOf(`memory.${name}`, array)),
      };
    });
    return {
      name: scheduler.name,
      stochastic: scheduler.stochastic,
      ...(clip !== undefined && { clip }),
      steps,
    };
  } finally {
    tf.dispose(Object.values(memory ?? {}));
  }
}

/** Returns the arrays of a sampler's memory; numbers in it, such as times, are the same for all samples. */
function arraysOf(memory: SamplerMemory | undefined, size: number): Map<string, Float32Array> {
  return new Map(
    Object.entries(memory ?? {})
      .filter(([, tensor]) => tensor.size === size)
      .map(([name, tensor]) => [name, tensor.dataSync<'float32'>()]),
  );
}
