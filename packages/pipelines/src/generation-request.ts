/** Requests by output modality, and their translation to requests of `@transfusion/core`. */
import type {
  GenerationRequest,
  KnownLatent,
  SpanSamplingOptions,
  TokenSamplingOptions,
} from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import type { EncodedDocument, Modality, ModalityRegistry, Shape } from '@transfusion/modality';

/**
 * Options of a request. Those for spans or for tokens apply to outputs of continuous or discrete modalities;
 * a document takes both.
 */
export interface GenerateOptions extends SpanSamplingOptions, TokenSamplingOptions {
  /** Random seed; defaults to 0. */
  readonly seed?: number;
  /** Latent shape of the output, for a continuous modality; by default the model chooses. */
  readonly latentShape?: Shape;
  /** Known part of the output's latent (inpainting), for a continuous modality. */
  readonly known?: KnownLatent;
  /** Minimum number of tokens; defaults to 0. A modality with `tokensPerValue` ignores both limits. */
  readonly minTokens?: number;
  /** Maximum number of tokens, excluding markers; defaults to 256. */
  readonly maxTokens?: number;
  /** Maximum number of spans in a document; defaults to 1. */
  readonly maxSpans?: number;
}

/** A request with an encoded prompt. */
export interface EncodedRequest extends GenerateOptions {
  readonly prompt: EncodedDocument;
  /** Name of a modality, or `document`. */
  readonly output: string;
}

/**
 * Translates a request into one of `@transfusion/core`.
 *
 * @throws TransfusionError `not-found` for an output that is not a modality, `invalid-argument` for options
 *   that need latents if the output is discrete
 */
export function generationRequest(modalities: ModalityRegistry, request: EncodedRequest): GenerationRequest {
  const { prompt, output, seed = 0, latentShape, known, minTokens, maxTokens, maxSpans } = request;
  const { temperature, topK, topP, ...rest } = request;
  const { numInferenceSteps, guidanceScale, spanGuidanceScale, scheduler } = rest;
  const shared = {
    prompt,
    seed,
    tokenSampling: { temperature, topK, topP },
    spanSampling: { numInferenceSteps, guidanceScale, spanGuidanceScale, scheduler },
  };
  const modality = output === 'document' ? undefined : (modalities.get(output) as Modality);
  if (modality?.kind === 'continuous') {
    return { ...shared, firstSpan: { modality: output, latentShape, known }, maxTokens: 0 };
  }
  checkNoLatents(output, { latentShape, known });
  if (modality === undefined) return { ...shared, minTokens, maxTokens, maxSpans };
  const { tokensPerValue } = modality;
  return {
    ...shared,
    tokenModalities: [output],
    minTokens: tokensPerValue ?? minTokens,
    maxTokens: tokensPerValue ?? maxTokens,
  };
}

function checkNoLatents(output: string, options: Pick<GenerateOptions, 'latentShape' | 'known'>): void {
  const [name] = Object.entries(options).find(([, value]) => value !== undefined) ?? [];
  if (name === undefined) return;
  throw new TransfusionError(
    'invalid-argument',
    `generate: ${name} is set, but output '${output}' has no latents. Omit it, or choose a continuous modality as output.`,
  );
}
