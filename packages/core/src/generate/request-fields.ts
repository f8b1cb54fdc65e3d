/** The fields of requests: others are refused, so that a misspelled option is not ignored. */
import { checkFields } from '@transfusion/errors';
import type { FirstSpan, GenerationRequest, KnownLatent, SpanSamplingOptions } from './request.js';
import type { LogitBias, TokenSamplingOptions } from './sample-token.js';

/** Names each field of a type once. */
type FieldsOf<T> = Readonly<Record<keyof T, true>>;

const requestFields: FieldsOf<GenerationRequest> = {
  prompt: true,
  firstSpan: true,
  seed: true,
  maxTokens: true,
  minTokens: true,
  maxSpans: true,
  modalities: true,
  stop: true,
  tokenSampling: true,
  spanSampling: true,
};

const firstSpanFields: FieldsOf<FirstSpan> = { modality: true, latentShape: true, known: true };

const knownFields: FieldsOf<KnownLatent> = { latent: true, knownMask: true, numResamples: true };

/** Fields of `TokenSamplingOptions`, each once, for options that extend them. */
export const tokenSamplingFields: FieldsOf<TokenSamplingOptions> = {
  temperature: true,
  topK: true,
  topP: true,
  minP: true,
  repetitionPenalty: true,
  logitBias: true,
};

/** Fields of an element of `logitBias`. */
export const logitBiasFields: FieldsOf<LogitBias> = { modality: true, id: true, bias: true };

const spanSamplingFields: FieldsOf<SpanSamplingOptions> = {
  numInferenceSteps: true,
  guidanceScale: true,
  spanGuidanceScale: true,
  guidanceInterval: true,
  negativePrompt: true,
  scheduler: true,
};

/** @throws TransfusionError `invalid-argument` for an unknown field of a request, or of what is in it */
export function checkRequestFields(request: GenerationRequest): void {
  checkFields('generate: the request', request, requestFields);
  const { firstSpan = {}, tokenSampling = {}, spanSampling = {} } = request;
  checkFields('generate: firstSpan', firstSpan, firstSpanFields);
  const { known = {} } = firstSpan as FirstSpan;
  checkFields('generate: firstSpan.known', known, knownFields);
  checkFields('generate: tokenSampling', tokenSampling, tokenSamplingFields);
  checkFields('generate: spanSampling', spanSampling, spanSamplingFields);
}
