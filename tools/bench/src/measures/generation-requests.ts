import { spanGroupKinds, type GenerationRequest, type Transfusion } from '@transfusion/core';
import { createRng } from '@transfusion/nn';

/** Text of this many letters, different for each seed. */
function letters(length: number, seed: number): { modality: string; ids: Int32Array } {
  return { modality: 'text', ids: Int32Array.from({ length }, (_, i) => 97 + ((i * 7 + seed) % 26)) };
}

/** Requests of exactly `numTokens` tokens after a short prompt, or one of `promptLength`. */
export function textRequests(count: number, numTokens: number, promptLength = 8): GenerationRequest[] {
  return Array.from({ length: count }, (_, seed) => ({
    prompt: [letters(promptLength, seed)],
    seed,
    minTokens: numTokens,
    maxTokens: numTokens,
    maxSpans: 0,
    modalities: ['text'],
    tokenSampling: { temperature: 0 },
  }));
}

/** Requests for a caption of exactly `numTokens` tokens of an image of its own. */
export function captionRequests(
  { modalities }: Transfusion,
  count: number,
  numTokens: number,
): GenerationRequest[] {
  const [{ modality, latentShape }] = spanGroupKinds(modalities);
  const rng = createRng(1);
  return textRequests(count, numTokens).map((request, i) => {
    const data = rng.fork(i).normals(latentShape.reduce((a, b) => a * b));
    return { ...request, prompt: [{ modality: modality.name, latent: { shape: latentShape, data } }] };
  });
}

/** Requests of one image each, with guidance. */
export function imageRequests(count: number, numInferenceSteps: number): GenerationRequest[] {
  return Array.from({ length: count }, (_, seed) => ({
    prompt: [letters(8, seed)],
    firstSpan: { modality: 'image' },
    seed,
    maxTokens: 0,
    spanSampling: { numInferenceSteps, guidanceScale: 3 },
  }));
}
