/** Requests for every kind of document that the toy model generates. */
import type { GenerationRequest } from '../generate/request.js';
import { strip, text } from './toy-documents.js';

const spanSampling = { numInferenceSteps: 2, guidanceScale: 2 };
/** Tokens, spans, both; prompts of both; inpainting; guidance with one scale and with two. */
export const toyRequests: readonly GenerationRequest[] = [
  {
    prompt: [text('ab')],
    firstSpan: { modality: 'strip' },
    seed: 1,
    maxTokens: 4,
    maxSpans: 2,
    spanSampling,
  },
  { prompt: [], seed: 2, maxTokens: 5, maxSpans: 3, spanSampling, tokenSampling: { topK: 5 } },
  { prompt: [strip([1, 2, 3, 4]), text('c')], seed: 3, maxTokens: 4, maxSpans: 0 },
  { prompt: [text('fe')], firstSpan: { modality: 'wave' }, seed: 6, maxTokens: 0, spanSampling },
  {
    prompt: [text('fed')],
    firstSpan: { modality: 'wave', latentShape: [6] },
    seed: 1,
    maxTokens: 0,
    spanSampling,
  },
  {
    prompt: [strip([4, 3, 2, 1]), text('ab')],
    firstSpan: {
      modality: 'strip',
      known: {
        latent: { shape: [4], data: Float32Array.of(1, 2, 3, 4) },
        knownMask: [1, 0, 0, 1],
        numResamples: 2,
      },
    },
    seed: 5,
    maxTokens: 0,
    spanSampling: { ...spanSampling, spanGuidanceScale: 1.5 },
  },
  {
    prompt: [text('a'.repeat(40))],
    seed: 4,
    maxTokens: 4,
    tokenSampling: { temperature: 0.7, topP: 0.9 },
    spanSampling,
  },
  {
    prompt: [text('b')],
    seed: 8,
    maxTokens: 4,
    maxSpans: 2,
    modalities: ['text', 'wave'],
    tokenSampling: { topK: 9 },
    spanSampling,
  },
];
