import { programSampler, type SamplerOf } from '@transfusion/core/documents';
import { TransfusionError } from '@transfusion/errors';
import type { ExportedGeneration, ExportedSampler } from '@transfusion/export/export-format';
import type { WebSampler } from './web-model.js';

/** Returns the samplers of an exported folder. */
export function exportedSamplers({
  samplers,
  num_inference_steps: defaultSteps,
}: ExportedGeneration): SamplerOf {
  return ({ name }, _latentShape, { scheduler, numInferenceSteps = defaultSteps } = {}) => {
    const all = samplers[name];
    const wanted = scheduler ?? all[0].name;
    if (typeof wanted !== 'string') {
      throw new TransfusionError(
        'invalid-argument',
        `generate: scheduler is an object, expected the name of a sampler of '${name}': ${list(all, 'name')}.`,
      );
    }
    const own = all.filter((sampler) => sampler.name === wanted);
    if (own.length === 0) {
      throw new TransfusionError(
        'not-found',
        `generate: scheduler is '${wanted}', expected one of those exported for '${name}': ${list(all, 'name')}.`,
      );
    }
    const program = own.find(({ num_inference_steps: steps }) => steps === numInferenceSteps);
    if (program !== undefined) return programSampler(program);
    throw new TransfusionError(
      'not-found',
      `generate: numInferenceSteps is ${numInferenceSteps}, expected one of those exported for '${wanted}': ` +
        `${list(own, 'num_inference_steps')}. Export the model with more of them.`,
    );
  };
}

/** Returns the samplers of one modality, each once. */
export function samplersOf(programs: readonly ExportedSampler[]): WebSampler[] {
  return [...new Set(programs.map(({ name }) => name))].map((name) => ({
    name,
    numInferenceSteps: programs
      .filter((program) => program.name === name)
      .map(({ num_inference_steps: steps }) => steps),
  }));
}

function list(samplers: readonly ExportedSampler[], field: 'name' | 'num_inference_steps'): string {
  return [...new Set(samplers.map((sampler) => sampler[field]))].join(', ');
}
