/** Validation of requests. */
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
import type { GenerationRequest, FirstSpan } from './request.js';
import { checkTokenSampling } from './sample-token.js';

/**
 * Checks a request before anything is generated.
 *
 * @throws TransfusionError `not-found`, `invalid-argument` or `mismatch` for an invalid request
 */
export function checkRequest({ modalities }: Transfusion, request: GenerationRequest): void {
  const { firstSpan, minTokens = 0, maxTokens = 256, maxSpans = 1, tokenModality } = request;
  const { tokenSampling = {}, spanSampling = {} } = request;
  const {
    guidanceScale = 3,
    spanGuidanceScale = guidanceScale,
    numInferenceSteps = 50,
    scheduler,
  } = spanSampling;
  checkTokenSampling(tokenSampling);
  checkCount('minTokens', minTokens);
  checkCount('maxTokens', maxTokens);
  checkCount('maxSpans', maxSpans);
  for (const [name, scale] of Object.entries({ guidanceScale, spanGuidanceScale })) {
    check(Number.isFinite(scale), `${name} is ${scale}, expected a finite number`);
  }
  if (tokenModality !== undefined) checkTokenModality(modalities, tokenModality, maxTokens);
  let spanModalities: readonly ContinuousModality[] =
    maxSpans > 0 && tokenModality === undefined ? modalities.continuous : [];
  if (firstSpan !== undefined) {
    const modality = modalities.get(firstSpan.modality) as Modality;
    if (modality.kind !== 'continuous') {
      throw new TransfusionError(
        'invalid-argument',
        `generate: firstSpan.modality is '${modality.name}', which is discrete, expected a continuous modality. ` +
          `Use tokenModality for tokens.`,
      );
    }
    check(maxSpans > 0, 'maxSpans is 0, expected at least 1 with firstSpan');
    checkLatentShape(modality, firstSpan);
    checkKnown(modality, firstSpan);
    if (maxSpans === 1 || tokenModality !== undefined) spanModalities = [modality];
  }
  for (const { name, diffusion } of spanModalities) {
    if (scheduler !== undefined) {
      for (const property of ['predictionType', 'process', 'numTrainTimesteps'] as const) {
        if (scheduler[property] === diffusion[property]) continue;
        throw new TransfusionError(
          'mismatch',
          `generate: the scheduler's ${property} is ${scheduler[property]}, expected ${diffusion[property]}, as ` +
            `'${name}' was trained. Use a sampler with the same process, prediction type and numTrainTimesteps.`,
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
    `tokenModality is '${name}', which is continuous, expected a discrete modality. Use firstSpan for spans`,
  );
  check(maxTokens > 0, `maxTokens is 0, expected at least 1 to generate tokens of '${name}'`);
}

function checkLatentShape({ name, latentShapes }: ContinuousModality, { latentShape }: FirstSpan): void {
  if (latentShape === undefined || latentShapes.some((shape) => sameShape(shape, latentShape))) return;
  throw new TransfusionError(
    'invalid-argument',
    `generate: firstSpan.latentShape is ${formatShape(latentShape)}, expected one of those of '${name}': ` +
      `${latentShapes.map(formatShape).join(', ')}.`,
  );
}

function checkKnown(modality: ContinuousModality, { latentShape, known }: FirstSpan): void {
  if (known === undefined) return;
  const { latent, knownMask, numResamples = 1 } = known;
  const { shape, data } = latent;
  checkLatent(modality, latent, 'generate: known');
  check(
    latentShape === undefined || sameShape(latentShape, shape),
    `the known latent has the shape ${formatShape(shape)}, expected ${formatShape(latentShape ?? [])}, the latentShape`,
  );
  const nonFinite = data.findIndex((value) => !Number.isFinite(value));
  check(nonFinite < 0, `the known latent has ${data[nonFinite]} at ${nonFinite}, expected finite numbers`);
  check(
    knownMask.length === data.length,
    `knownMask has ${knownMask.length} values, expected ${data.length}: one for each element of the known latent`,
  );
  const nonBinary = Array.prototype.findIndex.call(knownMask, (value) => value !== 0 && value !== 1);
  check(
    nonBinary < 0,
    `knownMask has ${knownMask[nonBinary]} at ${nonBinary}, expected 1 (known) or 0 (to generate)`,
  );
  check(
    Number.isInteger(numResamples) && numResamples >= 1,
    `numResamples is ${numResamples}, expected a positive integer`,
  );
}

function checkCount(name: string, count: number): void {
  check(Number.isInteger(count) && count >= 0, `${name} is ${count}, expected a non-negative integer`);
}

function check(condition: boolean, problem: string): void {
  if (!condition) throw new TransfusionError('invalid-argument', `generate: ${problem}.`);
}

/** @throws TransfusionError `invalid-argument` for a single value in place of a list */
export function checkIsArray(where: string, name: string, values: unknown): void {
  if (Array.isArray(values)) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: ${name} is ${values === null ? 'null' : typeof values}, expected an array. Put a single one into [ ].`,
  );
}
