import { programStep, type ProgramState, type SamplerProgram } from '@transfusion/diffusion/program';
import { invariant } from '@transfusion/errors';
import type { StepSampler } from './step-sampler.js';

/** Samples with the numbers of a program, without TensorFlow.js. */
export function programSampler(program: SamplerProgram): StepSampler {
  const { steps, stochastic } = program;
  const byStart = new Map(steps.map((step) => [step.t, step]));
  let memory: ProgramState['memory'] = [];
  return {
    stochastic,
    maxTimestep: steps[0].t,
    steps,
    noiseLevelAt: (timestep) => {
      const step = byStart.get(timestep);
      invariant(step !== undefined, () => `${program.name}: no step starts at timestep ${timestep}`);
      return step;
    },
    step: async (at, output, sample, noise) => {
      const step = steps.find((candidate) => candidate === at);
      invariant(step !== undefined, () => `${program.name}: the step from ${at.t} is not one of the program`);
      const result = programStep(program, step, output, { sample, memory }, noise);
      memory = result.memory;
      return result;
    },
    reset: () => (memory = []),
  };
}
