/** Decisions on how a document goes on: the tokens it may take, when it ends, its first span. */
import {
  sameShape,
  type ContinuousModality,
  type Modality,
  type VocabularyEntry,
} from '@transfusion/modality';
import type { DocumentModel } from './document-model.js';
import { adjustLogits } from './adjust-logits.js';
import type { GrowingSequence } from './growing-sequence.js';
import type { FirstSpan, GenerationEvent, GenerationRequest } from './request.js';
import { sampleToken } from './sample-token.js';

type WithoutIndex<E> = E extends GenerationEvent ? Omit<E, 'request'> : never;

/** An event of one request. */
export type RequestEvent = WithoutIndex<GenerationEvent>;

/** A first span whose latent shape is resolved. */
export type ResolvedSpan = FirstSpan & Required<Pick<FirstSpan, 'latentShape'>>;

/** Returns the first span of a request; undefined if there is none, or if the model chooses its shape. */
export function resolveFirstSpan(
  { modalities }: DocumentModel,
  { firstSpan }: GenerationRequest,
): ResolvedSpan | undefined {
  if (firstSpan === undefined) return undefined;
  const { latentShapes } = modalities.get(firstSpan.modality) as ContinuousModality;
  const onlyShape = latentShapes.length === 1 ? latentShapes[0] : undefined;
  const latentShape = firstSpan.latentShape ?? firstSpan.known?.latent.shape ?? onlyShape;
  return latentShape && { ...firstSpan, latentShape };
}

/** Returns why a document ends before its next element; undefined if it goes on. */
export function endReason({
  request,
  openSpan: open,
  numTokens,
  numSpans,
}: GrowingSequence): 'max-tokens' | 'max-spans' | undefined {
  const { maxTokens = 256, maxSpans = 1 } = request;
  if (open !== undefined) return undefined;
  if (maxTokens === 0) return numSpans >= maxSpans ? 'max-spans' : undefined;
  return numTokens >= maxTokens ? 'max-tokens' : undefined;
}

/** Samples the next token among those that the request allows; overwrites the logits of the others. */
export function nextToken(model: DocumentModel, sequence: GrowingSequence, logits: Float32Array): number {
  let id = 0;
  let end = 0;
  for (const entry of model.vocabulary.entries) {
    const isCandidate = isAllowed(sequence, entry) && isSupported(model, entry);
    if (!isCandidate) logits.fill(-Infinity, id, id + entry.size);
    id += entry.size;
    if (isCandidate || isHeldTo(sequence.request, entry)) end = id;
  }
  adjustLogits(model.vocabulary, sequence, logits);
  const { tokenSampling = {} } = sequence.request;
  const rng = sequence.rng.fork('tokens').fork(sequence.ids.length);
  // Without what was appended to the vocabulary for other modalities: `topK` compares with the number of logits.
  return sampleToken(logits.subarray(0, end), tokenSampling, rng);
}

/** Returns whether the request allows this vocabulary entry as the next one. */
function isAllowed({ request, numTokens, numSpans }: GrowingSequence, entry: VocabularyEntry): boolean {
  const { firstSpan, minTokens = 0, maxTokens = 256, maxSpans = 1 } = request;
  if (firstSpan !== undefined && numSpans === 0) {
    return entry.kind === 'begin' && entry.modality === firstSpan.modality;
  }
  if (entry.kind === 'eos') return numTokens >= Math.min(minTokens, maxTokens);
  if (entry.kind === 'tokens') return maxTokens > 0 && isHeldTo(request, entry);
  return entry.kind === 'begin' && numSpans < maxSpans && isHeldTo(request, entry);
}

/** Returns whether an entry is of the modalities of a request, or of none. */
function isHeldTo({ modalities }: GenerationRequest, entry: VocabularyEntry): boolean {
  return modalities === undefined || !('modality' in entry) || modalities.includes(entry.modality);
}

/**
 * Returns whether the model has the entry's modality and latent shape: a checkpoint's vocabulary may have
 * more.
 */
function isSupported({ modalities }: DocumentModel, entry: VocabularyEntry): boolean {
  if (!('modality' in entry)) return true;
  const modality = (modalities.modalities as readonly Modality[]).find(({ name }) => name === entry.modality);
  if (entry.kind !== 'begin' || modality?.kind !== 'continuous') return modality !== undefined;
  return modality.latentShapes.some((shape) => sameShape(shape, entry.latentShape));
}
