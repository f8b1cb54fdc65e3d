/** Validation of requests. */
import { TransfusionError } from '@transfusion/errors';
import {
  checkLatent,
  formatShape,
  sameShape,
  type ContinuousModality,
  type EncodedDocument,
  type Modality,
} from '@transfusion/modality';
import { createRng } from '@transfusion/nn/rng';
import { layoutDocument } from '../sequence/layout.js';
import { checkCondition, checkIsArray } from './check-condition.js';
import { checkSpanSampling } from './check-span-sampling.js';
import { checkTokens } from './check-tokens.js';
import { checkRequestFields } from './request-fields.js';
import type { DocumentModel } from './document-model.js';
import type { GenerationRequest, FirstSpan } from './request.js';
import { checkTokenSampling } from './sample-token.js';
import type { SamplerOf } from './step-sampler.js';

/**
 * Checks a request before anything is generated.
 *
 * @throws TransfusionError `not-found`, `invalid-argument` or `mismatch` for an invalid request
 */
export function checkRequest(model: DocumentModel, request: GenerationRequest, samplerOf: SamplerOf): void {
  checkRequestFields(request);
  const { modalities } = model;
  const { prompt, seed, firstSpan, minTokens = 0, maxTokens = 256, maxSpans = 1 } = request;
  const { tokenSampling = {}, spanSampling = {} } = request;
  createRng(seed);
  checkTokenSampling(tokenSampling);
  checkCount('minTokens', minTokens);
  checkCount('maxTokens', maxTokens);
  checkCount('maxSpans', maxSpans);
  checkTokens(modalities, request);
  let spanModalities: readonly ContinuousModality[] =
    maxSpans > 0
      ? modalities.continuous.filter(({ name }) => request.modalities?.includes(name) ?? true)
      : [];
  if (firstSpan !== undefined) {
    const modality = modalities.get(firstSpan.modality) as Modality;
    if (modality.kind !== 'continuous') {
      throw new TransfusionError(
        'invalid-argument',
        `generate: firstSpan.modality is '${modality.name}', which is discrete, expected a continuous modality. ` +
          `Use modalities for tokens.`,
      );
    }
    checkCondition(maxSpans > 0, 'maxSpans is 0, expected at least 1 with firstSpan');
    checkLatentShape(modality, firstSpan);
    checkKnown(modality, firstSpan);
    spanModalities = maxSpans === 1 ? [modality] : [modality, ...spanModalities];
  }
  checkSpanSampling(spanModalities, spanSampling, samplerOf);
  checkDocument(model, 'prompt', prompt);
  checkDocument(model, 'negativePrompt', spanSampling.negativePrompt ?? []);
}

function checkDocument(
  { modalities, vocabulary }: DocumentModel,
  name: string,
  document: EncodedDocument,
): void {
  checkIsArray('generate', name, document);
  try {
    layoutDocument(modalities, vocabulary, document, { open: true });
  } catch (error) {
    if (!TransfusionError.isInstance(error)) throw error;
    throw new TransfusionError(error.code, `generate: ${name}: ${error.message}`, { cause: error });
  }
}

function checkLatentShape({ name, latentShapes }: ContinuousModality, { latentShape }: FirstSpan): void {
  if (latentShape === undefined || latentShapes.some((shape) => sameShape(shape, latentShape))) return;
  throw new TransfusionError(
    'invalid-argument',
    `generate: firstSpan.latentShape is ${formatShape(latentShape)}, expected one of those of '${name}': ` +
      `${latentShapes.map(formatShape).join(', ')}.`,
  );
}

/** RePaint uses 10; the steps of a request are listed before the first. */
const MAX_RESAMPLES = 1000;

function checkKnown(modality: ContinuousModality, { latentShape, known }: FirstSpan): void {
  if (known === undefined) return;
  const { latent, knownMask, numResamples = 1 } = known;
  const { shape, data } = latent;
  checkLatent(modality, latent, 'generate: known');
  checkCondition(
    latentShape === undefined || sameShape(latentShape, shape),
    `the known latent has the shape ${formatShape(shape)}, expected ${formatShape(latentShape ?? [])}, the latentShape`,
  );
  const nonFinite = data.findIndex((value) => !Number.isFinite(value));
  checkCondition(
    nonFinite < 0,
    `the known latent has ${data[nonFinite]} at ${nonFinite}, expected finite numbers`,
  );
  checkCondition(
    knownMask.length === data.length,
    `knownMask has ${knownMask.length} values, expected ${data.length}: one for each element of the known latent`,
  );
  const nonBinary = Array.prototype.findIndex.call(knownMask, (value) => value !== 0 && value !== 1);
  checkCondition(
    nonBinary < 0,
    `knownMask has ${knownMask[nonBinary]} at ${nonBinary}, expected 1 (known) or 0 (to generate)`,
  );
  checkCondition(
    Number.isInteger(numResamples) && numResamples >= 1 && numResamples <= MAX_RESAMPLES,
    `numResamples is ${numResamples}, expected an integer from 1 to ${MAX_RESAMPLES}`,
  );
}

function checkCount(name: string, count: number): void {
  checkCondition(
    Number.isInteger(count) && count >= 0,
    `${name} is ${count}, expected a non-negative integer`,
  );
}
