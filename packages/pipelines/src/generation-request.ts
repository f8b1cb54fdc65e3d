/** Requests by output modality, and their translation to requests of `@transfusion/core`. */
import {
  tokenSamplingFields,
  type GenerationRequest,
  type KnownLatent,
  type SpanSamplingOptions,
  type TokenSamplingOptions,
} from '@transfusion/core/documents';
import { checkFields, TransfusionError } from '@transfusion/errors';
import type { EncodedDocument, Modality, ModalityRegistry, Shape } from '@transfusion/modality';

/**
 * Options of a request. Those for spans or for tokens apply to outputs of continuous or discrete modalities;
 * a document takes both.
 */
export interface GenerateOptions extends Omit<SpanSamplingOptions, 'negativePrompt'>, TokenSamplingOptions {
  /** Random seed; defaults to 0. */
  readonly seed?: number;
  /** Latent shape of the output, for a continuous modality; by default the model chooses. */
  readonly latentShape?: Shape;
  /**
   * Index of the prompt's segment whose latent shape the output has, such as that of an image to edit; no effect if the
   * segment has none.
   */
  readonly latentShapeOf?: number;
  /** Known part of the output's latent (inpainting), for a continuous modality. */
  readonly known?: KnownLatent;
  /** Minimum number of tokens; defaults to 0. A modality with `tokensPerValue` ignores both limits. */
  readonly minTokens?: number;
  /** Maximum number of tokens, excluding markers; defaults to 256. */
  readonly maxTokens?: number;
  /** Maximum number of spans in a document; defaults to 1. */
  readonly maxSpans?: number;
  /** Holds a document to values of these modalities; by default it may have all. */
  readonly modalities?: readonly string[];
  /**
   * Ends generation after the token that completes one of these strings in the generated text; the text is cut off
   * before the string. For outputs whose values are strings, and documents.
   */
  readonly stop?: readonly string[];
}

/** The fields of a request, each once. */
const fields: Readonly<Record<keyof EncodedRequest, true>> = {
  prompt: true,
  negativePrompt: true,
  output: true,
  seed: true,
  latentShape: true,
  latentShapeOf: true,
  known: true,
  minTokens: true,
  maxTokens: true,
  maxSpans: true,
  modalities: true,
  stop: true,
  ...tokenSamplingFields,
  numInferenceSteps: true,
  guidanceScale: true,
  spanGuidanceScale: true,
  guidanceInterval: true,
  scheduler: true,
};

/** @throws TransfusionError `invalid-argument` for an unknown field, with the known one nearest to it */
export function checkRequestFields(request: object): void {
  checkFields('generate: the request', request, fields);
}

/** A request with encoded prompts. */
export interface EncodedRequest extends GenerateOptions {
  readonly prompt: EncodedDocument;
  readonly negativePrompt?: EncodedDocument;
  /** Name of a modality, or `document`. */
  readonly output: string;
}

/**
 * Translates a request into one of `@transfusion/core`.
 *
 * @throws TransfusionError `not-found` for an output that is not a modality, `invalid-argument` for options
 *   that need latents if the output is discrete, or a document if it is none
 */
export function generationRequest(modalities: ModalityRegistry, request: EncodedRequest): GenerationRequest {
  const { prompt, output, seed = 0, known, minTokens, maxTokens, maxSpans, stop } = request;
  const latentShape = latentShapeOf(request);
  const {
    modalities: heldTo,
    temperature,
    topK,
    topP,
    minP,
    repetitionPenalty,
    logitBias,
    ...rest
  } = request;
  const { numInferenceSteps, guidanceScale, spanGuidanceScale, guidanceInterval, ...more } = rest;
  const { negativePrompt, scheduler } = more;
  const shared = {
    prompt,
    seed,
    tokenSampling: { temperature, topK, topP, minP, repetitionPenalty, logitBias },
    spanSampling: {
      numInferenceSteps,
      guidanceScale,
      spanGuidanceScale,
      guidanceInterval,
      negativePrompt,
      scheduler,
    },
  };
  if (output === 'document') {
    checkNoLatents(output, { latentShape, known });
    return { ...shared, minTokens, maxTokens, maxSpans, modalities: heldTo, stop };
  }
  checkNoModalities(output, heldTo);
  const modality = modalities.get(output) as Modality;
  if (modality.kind === 'continuous') {
    return { ...shared, firstSpan: { modality: output, latentShape, known }, maxTokens: 0 };
  }
  checkNoLatents(output, { latentShape, known });
  const { tokensPerValue } = modality;
  return {
    ...shared,
    modalities: [output],
    minTokens: tokensPerValue ?? minTokens,
    maxTokens: tokensPerValue ?? maxTokens,
    stop,
  };
}

function latentShapeOf({ prompt, latentShape, latentShapeOf: index }: EncodedRequest): Shape | undefined {
  if (index === undefined) return latentShape;
  checkShapeSource(latentShape, index, prompt.length);
  const segment = prompt[index];
  return 'latent' in segment ? segment.latent.shape : undefined;
}

function checkShapeSource(latentShape: Shape | undefined, index: number, numSegments: number): void {
  if (latentShape !== undefined) {
    throw new TransfusionError(
      'invalid-argument',
      'generate: latentShape and latentShapeOf are both set, expected one of them. Omit the other.',
    );
  }
  if (Number.isInteger(index) && index >= 0 && index < numSegments) return;
  throw new TransfusionError(
    'invalid-argument',
    `generate: latentShapeOf is ${index}, expected the index of one of the prompt's ${numSegments} segments.`,
  );
}

function checkNoLatents(output: string, options: Pick<GenerateOptions, 'latentShape' | 'known'>): void {
  const [name] = Object.entries(options).find(([, value]) => value !== undefined) ?? [];
  if (name === undefined) return;
  throw new TransfusionError(
    'invalid-argument',
    `generate: ${name} is set, but output '${output}' has no latents. Omit it, or choose a continuous modality as output.`,
  );
}

function checkNoModalities(output: string, modalities: readonly string[] | undefined): void {
  if (modalities === undefined) return;
  throw new TransfusionError(
    'invalid-argument',
    `generate: modalities is set, but the output is '${output}', expected 'document'. Omit it, or generate a document.`,
  );
}
