/**
 * Samplers as numbers, without TensorFlow.js: each step is a linear combination of a few arrays, so that a runtime needs no
 * code of a sampler. `samplerProgram` makes them.
 */

/** A step of a {@link SamplerProgram}. */
export interface ProgramStep {
  /** Timestep of the sample, and input of the model. */
  readonly t: number;
  /** Timestep after the step. */
  readonly tPrev: number;
  /** Scales of the clean sample and of the noise in the sample at `t`. */
  readonly alpha: number;
  readonly sigma: number;
  /** The predicted clean sample: weights of the sample and of the model's output. It is clipped to ±`clip` of the program. */
  readonly original: readonly number[];
  /** The next sample: weights of sample, output, predicted clean sample, noise, and of each array of the memory. */
  readonly next: readonly number[];
  /** Each array of the next step's memory: weights as in `next`. */
  readonly memory: readonly (readonly number[])[];
}

/** All steps of a sampler, for one number of steps; plain JSON. */
export interface SamplerProgram {
  /** Name of the sampler. */
  readonly name: string;
  /** True if steps take noise of the standard normal distribution. */
  readonly stochastic: boolean;
  /** Largest absolute value of the predicted clean sample; absent if it is not clipped. */
  readonly clip?: number;
  readonly steps: readonly ProgramStep[];
}

/** Arrays of a step. */
export interface ProgramState {
  readonly sample: Float32Array;
  readonly memory: readonly Float32Array[];
}

/** Result of {@link programStep}. */
export interface ProgramResult extends ProgramState {
  /** The model's prediction of the clean sample. */
  readonly predOriginalSample: Float32Array;
}

/**
 * Takes a step: from the sample at its `t` and the model's output for it to the sample at `tPrev`.
 *
 * @param state of the previous step; the memory is empty at first
 * @param noise of the sample's size; needed if the program is stochastic
 */
export function programStep(
  { clip = Infinity }: Pick<SamplerProgram, 'clip'>,
  step: ProgramStep,
  output: Float32Array,
  { sample, memory }: ProgramState,
  noise: Float32Array = EMPTY,
): ProgramResult {
  const [ofSample, ofOutput] = step.original;
  const predOriginalSample = sample.map((x, i) =>
    Math.max(-clip, Math.min(clip, ofSample * x + ofOutput * output[i])),
  );
  const arrays = [sample, output, predOriginalSample, noise, ...memory];
  return {
    predOriginalSample,
    sample: combined(step.next, arrays),
    memory: step.memory.map((weights) => combined(weights, arrays)),
  };
}

const EMPTY = new Float32Array(0);

function combined(weights: readonly number[], arrays: readonly Float32Array[]): Float32Array {
  const sum = new Float64Array(arrays[0].length);
  weights.forEach((weight, k) => {
    if (weight !== 0) for (let i = 0; i < sum.length; i++) sum[i] += weight * arrays[k][i];
  });
  return Float32Array.from(sum);
}
