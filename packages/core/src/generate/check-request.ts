/** Mistakes in a request, found before anything is generated. */
import { TransfusionError } from '@transfusion/errors';
import {
  checkLatent,
  formatShape,
  sameShape,
  type ContinuousModality,
  type Modality,
  type ModalityRegistry,
} from '@transfusion/modality';
import type { Transfusion } from '../model/transfusion.js';
import type { GenerationRequest, SpanBegin } from './request.js';
import { checkTokenSampling } from './sample-token.js';

/**
 * Checks a request before anything is generated.
 *
 * @throws TransfusionError `not-found`, `invalid-argument` or `mismatch` for a request that cannot be met
 */
export function checkRequest({ modalities }: Transfusion, request: GenerationRequest): void {
  const { begin, minTokens = 0, maxTokens = 256, maxSpans = 1, tokenModality } = request;
  const { tokens = {}, spans = {} } = request;
  const { guidanceScale = 3, spanGuidanceScale = guidanceScale, numInferenceSteps = 50, scheduler } = spans;
  checkTokenSampling(tokens);
  checkCount('minTokens', minTokens);
  checkCount('maxTokens', maxTokens);
  checkCount('maxSpans', maxSpans);
  for (const [name, scale] of Object.entries({ guidanceScale, spanGuidanceScale })) {
    check(Number.isFinite(scale), `${name} is ${scale}, expected a finite number`);
  }
  if (tokenModality !== undefined) checkTokenModality(modalities, tokenModality, maxTokens);
  let mayBegin: readonly ContinuousModality[] =
    maxSpans > 0 && tokenModality === undefined ? modalities.continuous : [];
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
    checkKnown(modality, begin);
    if (maxSpans === 1 || tokenModality !== undefined) mayBegin = [modality];
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

function checkTokenModality(modalities: ModalityRegistry, name: string, maxTokens: number): void {
  const { kind } = modalities.get(name) as Modality;
  check(
    kind === 'discrete',
    `tokenModality is '${name}', which is a modality of latents, expected one of tokens. Use begin for latents`,
  );
  check(maxTokens > 0, `maxTokens is 0, but tokens of '${name}' are to be written. Allow some`);
}

function checkLatentShape({ name, latentShapes }: ContinuousModality, { latentShape }: SpanBegin): void {
  if (latentShape === undefined || latentShapes.some((known) => sameShape(known, latentShape))) return;
  throw new TransfusionError(
    'invalid-argument',
    `generate: '${name}' has no latents of the shape ${formatShape(latentShape)}, only ` +
      `${latentShapes.map(formatShape).join(', ')}.`,
  );
}

function checkKnown(modality: ContinuousModality, { latentShape, known }: SpanBegin): void {
  if (known === undefined) return;
  const { latent, mask, resample = 1 } = known;
  const { shape, data } = latent;
  checkLatent(modality, latent, 'generate: known');
  check(
    latentShape === undefined || sameShape(latentShape, shape),
    `the known latent has the shape ${formatShape(shape)}, but latentShape is ${formatShape(latentShape ?? [])}`,
  );
  const notFinite = data.findIndex((value) => !Number.isFinite(value));
  check(notFinite < 0, `the known latent has ${data[notFinite]} at ${notFinite}, expected finite numbers`);
  check(
    mask.length === data.length,
    `the mask has ${mask.length} values, expected ${data.length}: one for each element of the known latent`,
  );
  const neither = Array.prototype.findIndex.call(mask, (value) => value !== 0 && value !== 1);
  check(
    neither < 0,
    `the mask has ${mask[neither]} at ${neither}, expected 1 (known) or 0 (to be generated)`,
  );
  check(Number.isInteger(resample) && resample >= 1, `resample is ${resample}, expected a positive integer`);
}

function checkCount(name: string, count: number): void {
  check(Number.isInteger(count) && count >= 0, `${name} is ${count}, expected a non-negative integer`);
}

function check(condition: boolean, problem: string): void {
  if (!condition) throw new TransfusionError('invalid-argument', `generate: ${problem}.`);
}
