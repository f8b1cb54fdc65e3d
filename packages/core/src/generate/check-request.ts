/** What can be wrong with a request, found before anything is generated. */
import { TransfusionError } from '@transfusion/nn';
import { formatShape, sameShape, type ContinuousModality, type Modality } from '@transfusion/modality';
import type { Transfusion } from '../model/transfusion.js';
import type { GenerationRequest } from './request.js';
import { checkTokenSampling } from './sample-token.js';

/**
 * @throws TransfusionError `not-found`, `invalid-argument` or `mismatch` for a request that cannot be met
 */
export function checkRequest({ modalities }: Transfusion, request: GenerationRequest): void {
  const { begin, minTokens = 0, maxTokens = 256, maxSpans = 1, tokens = {}, spans = {} } = request;
  const { guidanceScale = 3, numInferenceSteps = 50, scheduler } = spans;
  checkTokenSampling(tokens);
  checkCount('minTokens', minTokens);
  checkCount('maxTokens', maxTokens);
  checkCount('maxSpans', maxSpans);
  check(Number.isFinite(guidanceScale), `guidanceScale is ${guidanceScale}, expected a finite number`);
  let mayBegin: readonly ContinuousModality[] = maxSpans > 0 ? modalities.continuous : [];
  if (begin !== undefined) {
    const modality = modalities.get(begin.modality) as Modality;
    if (modality.kind !== 'continuous') {
      throw new TransfusionError(
        'invalid-argument',
        `generate: '${modality.name}' has no spans, so none can begin.`,
      );
    }
    check(maxSpans > 0, `maxSpans is 0, but a span is to begin`);
    checkLatentShape(modality, begin);
    if (maxSpans === 1) mayBegin = [modality];
  }
  for (const { name, diffusion } of mayBegin) {
    if (scheduler !== undefined) {
      for (const property of ['predictionType', 'process', 'numTrainTimesteps'] as const) {
        if (scheduler[property] === diffusion[property]) continue;
        throw new TransfusionError(
          'mismatch',
          `generate: the scheduler's ${property} is ${scheduler[property]}, but that of '${name}' is ` +
            `${diffusion[property]}. Use a sampler of the kind that the model was trained with.`,
        );
      }
    }
    (scheduler ?? diffusion).timesteps(numInferenceSteps);
  }
}

function checkLatentShape(
  { name, latentShapes }: ContinuousModality,
  { latentShape = latentShapes[0] }: NonNullable<GenerationRequest['begin']>,
): void {
  if (latentShapes.some((known) => sameShape(known, latentShape))) return;
  throw new TransfusionError(
    'invalid-argument',
    `generate: '${name}' has no latents of the shape ${formatShape(latentShape)}, only ` +
      `${latentShapes.map(formatShape).join(', ')}.`,
  );
}

function checkCount(name: string, count: number): void {
  check(Number.isInteger(count) && count >= 0, `${name} is ${count}, expected a whole number from 0 on`);
}

function check(condition: boolean, problem: string): void {
  if (!condition) throw new TransfusionError('invalid-argument', `generate: ${problem}.`);
}
