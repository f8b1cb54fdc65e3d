/** Requests in terms of outputs, and as core takes them. */
import type {
  GenerationRequest,
  KnownLatent,
  SpanSamplingOptions,
  TokenSamplingOptions,
} from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import type { EncodedDocument, Modality, ModalityRegistry, Shape } from '@transfusion/modality';

/** Options of a request. Which of them matter depends on the output: latents, tokens, or both in a document. */
export interface GenerateOptions extends SpanSamplingOptions, TokenSamplingOptions {
  /** Decides all that is random; defaults to 0. */
  readonly seed?: number;
  /** Latent shape of the output, for a continuous modality; by default the model chooses among the modality's. */
  readonly latentShape?: Shape;
  /** Known part of the output's latent (inpainting), for a continuous modality. */
  readonly known?: KnownLatent;
  /** Fewest tokens before the end; defaults to 0. */
  readonly minTokens?: number;
  /** Most tokens, markers not counted; defaults to 256. A modality with `tokensPerValue` takes exactly those. */
  readonly maxTokens?: number;
  /** Most spans of latents in a document; defaults to 1. */
  readonly maxSpans?: number;
}

/** A request whose prompt is encoded. */
export interface EncodedRequest extends GenerateOptions {
  readonly prompt: EncodedDocument;
  /** Name of a modality, or `document`. */
  readonly output: string;
}

/**
 * Translates a request into core's terms.
 *
 * @throws TransfusionError `not-found` for an output that is no modality, `invalid-argument` for options
 *   that need latents where the output has none
 */
export function generationRequest(modalities: ModalityRegistry, request: EncodedRequest): GenerationRequest {
  const { prompt, output, seed = 0, latentShape, known, minTokens, maxTokens, maxSpans } = request;
  const { temperature, topK, topP, ...rest } = request;
  const { numInferenceSteps, guidanceScale, spanGuidanceScale, scheduler } = rest;
  const shared = {
    prompt,
    seed,
    tokens: { temperature, topK, topP },
    spans: { numInferenceSteps, guidanceScale, spanGuidanceScale, scheduler },
  };
  const modality = output === 'document' ? undefined : (modalities.get(output) as Modality);
  if (modality?.kind === 'continuous') {
    return { ...shared, begin: { modality: output, latentShape, known }, maxTokens: 0 };
  }
  checkNoLatents(output, { latentShape, known });
  if (modality === undefined) return { ...shared, minTokens, maxTokens, maxSpans };
  const { tokensPerValue } = modality;
  return {
    ...shared,
    tokenModality: output,
    minTokens: tokensPerValue ?? minTokens,
    maxTokens: tokensPerValue ?? maxTokens,
  };
}

function checkNoLatents(output: string, options: Pick<GenerateOptions, 'latentShape' | 'known'>): void {
  const given = Object.entries(options).find(([, value]) => value !== undefined);
  if (given === undefined) return;
  throw new TransfusionError(
    'invalid-argument',
    `generate: '${output}' has no latents, but ${given[0]} is given. Leave it out, or ask for an output of a continuous modality.`,
  );
}
