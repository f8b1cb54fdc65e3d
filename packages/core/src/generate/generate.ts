/**
 * Generation of interleaved documents (Transfusion, section 3.3): tokens are sampled one at a time
 * until a begin marker; then a span of pure noise is inserted and denoised in place; its end marker
 * is appended, and token sampling resumes. Each iteration calls the model once for all requests, whether they
 * sample a token or denoise a span. Nothing is cached in between: every call takes full sequences.
 */
import {
  sameShape,
  type ContinuousModality,
  type EncodedDocument,
  type EncodedSegment,
  type Modality,
  type VocabularyEntry,
} from '@transfusion/modality';
import type { Transfusion, TransfusionParams } from '../model/transfusion.js';
import { checkIsArray, checkRequest } from './check-request.js';
import { denoiseStep } from './denoise-step.js';
import { closeSpan, openSpan, startSequence, type GrowingSequence } from './growing-sequence.js';
import { guidanceRows, guidedOutput } from './guidance.js';
import { noiseKnownPart } from './known-latent.js';
import type { OpenSpan } from './open-span.js';
import type { GenerationEvent, GenerationRequest, FirstSpan } from './request.js';
import { createRowPredictor } from './row-predictor.js';
import { sampleToken } from './sample-token.js';

/**
 * Generates all requests together, and reports progress as it happens.
 *
 * @throws TransfusionError `not-found`, `invalid-argument` or `mismatch` for a request that cannot be
 *   met, before anything is generated
 */
export async function* generate(
  model: Transfusion,
  params: TransfusionParams,
  requests: readonly GenerationRequest[],
): AsyncGenerator<GenerationEvent> {
  checkIsArray('generate', 'requests', requests);
  requests.forEach((request) => checkRequest(model, request));
  const sequences = requests.map((request) => startSequence(model.modalities, model.vocabulary, request));
  const predictor = createRowPredictor(model, params);
  try {
    const live = new Map(sequences.entries());
    for (const [request, sequence] of live) {
      const span = resolveFirstSpan(model, sequence.request);
      if (span !== undefined) yield { request, ...startSpan(model, sequence, span) };
    }
    while (live.size > 0) {
      for (const [request, sequence] of live) {
        const reason = endReason(sequence);
        if (reason === undefined) continue;
        live.delete(request);
        yield { request, type: 'end', reason };
      }
      if (live.size === 0) return;
      for (const { openSpan: open } of live.values()) {
        if (open !== undefined) await noiseKnownPart(open);
      }
      const tasks = [...live].map(([request, sequence]) => {
        return { request, sequence, rows: guidanceRows(model.vocabulary, sequence) };
      });
      const predictions = await predictor.predict(tasks.flatMap(({ rows }) => rows.map(({ row }) => row)));

      for (const { request, sequence, rows } of tasks) {
        const rowPredictions = predictions.splice(0, rows.length);
        if (sequence.openSpan !== undefined) {
          const output = guidedOutput(
            rows,
            rowPredictions.map(({ spanOutput }) => spanOutput!),
          );
          yield* denoiseSpan(model, request, sequence, sequence.openSpan, output);
          continue;
        }
        const id = nextToken(model, sequence, rowPredictions[0].logits);
        const { entry, offset } = model.vocabulary.at(id);
        if (entry.kind === 'eos') {
          live.delete(request);
          yield { request, type: 'end', reason: 'eos' };
        } else if (entry.kind === 'begin') {
          yield { request, ...startSpan(model, sequence, entry) };
        } else if (entry.kind === 'tokens') {
          sequence.ids.push(id);
          sequence.numTokens++;
          yield { request, type: 'token', modality: entry.modality, id: offset };
        }
      }
    }
  } finally {
    for (const { openSpan: open } of sequences) Object.values(open?.memory ?? {}).forEach((t) => t.dispose());
    predictor.dispose();
  }
}

/**
 * Runs {@link generate} to the end and returns, for each request, the segments that follow its prompt.
 *
 * @param onEvent called for each event of {@link generate}, to report progress
 */
export async function generateDocuments(
  model: Transfusion,
  params: TransfusionParams,
  requests: readonly GenerationRequest[],
  onEvent?: (event: GenerationEvent) => void,
): Promise<EncodedDocument[]> {
  checkIsArray('generateDocuments', 'requests', requests);
  const documents = requests.map((): EncodedSegment[] => []);
  const ids = requests.map((): { modality: string; ids: number[] } | undefined => undefined);
  const flush = (request: number): void => {
    const run = ids[request];
    if (run !== undefined) documents[request].push({ ...run, ids: Int32Array.from(run.ids) });
    ids[request] = undefined;
  };
  for await (const event of generate(model, params, requests)) {
    onEvent?.(event);
    const { request } = event;
    if (event.type === 'token') {
      if (ids[request]?.modality !== event.modality) flush(request);
      (ids[request] ??= { modality: event.modality, ids: [] }).ids.push(event.id);
    } else if (event.type === 'span-end') {
      flush(request);
      const latent = { shape: event.latentShape, data: event.latent };
      documents[request].push({ modality: event.modality, latent });
    } else if (event.type === 'end') flush(request);
  }
  return documents;
}

type WithoutIndex<E> = E extends GenerationEvent ? Omit<E, 'request'> : never;
type SpanStart = WithoutIndex<Extract<GenerationEvent, { type: 'span-start' }>>;

/** A first span whose latent shape is resolved. */
type ResolvedSpan = FirstSpan & Required<Pick<FirstSpan, 'latentShape'>>;

/** Returns the first span of a request; undefined if there is none, or if the model chooses its shape. */
function resolveFirstSpan(
  { modalities }: Transfusion,
  { firstSpan }: GenerationRequest,
): ResolvedSpan | undefined {
  if (firstSpan === undefined) return undefined;
  const { latentShapes } = modalities.get(firstSpan.modality) as ContinuousModality;
  const onlyShape = latentShapes.length === 1 ? latentShapes[0] : undefined;
  const latentShape = firstSpan.latentShape ?? firstSpan.known?.latent.shape ?? onlyShape;
  return latentShape && { ...firstSpan, latentShape };
}

function startSpan(
  model: Transfusion,
  sequence: GrowingSequence,
  { modality: name, latentShape, known }: ResolvedSpan,
): SpanStart {
  const modality = model.modalities.get(name) as ContinuousModality;
  openSpan(sequence, model.vocabulary, modality, latentShape, known);
  return { type: 'span-start', modality: name, latentShape };
}

async function* denoiseSpan(
  model: Transfusion,
  request: number,
  sequence: GrowingSequence,
  span: OpenSpan,
  output: Float32Array,
): AsyncGenerator<GenerationEvent> {
  const modality = span.modality.name;
  const predOriginalSample = await denoiseStep(span, output);
  const numSteps = span.steps.length;
  yield { request, type: 'denoise-step', modality, step: span.stepsTaken, numSteps, predOriginalSample };
  if (span.stepsTaken < numSteps) return;
  closeSpan(sequence, model.vocabulary, span);
  yield { request, type: 'span-end', modality, latentShape: span.latentShape, latent: span.sample };
}

function endReason({
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

function nextToken(model: Transfusion, sequence: GrowingSequence, logits: Float32Array): number {
  let id = 0;
  for (const entry of model.vocabulary.entries) {
    const isCandidate = isAllowed(sequence, entry) && isSupported(model, entry);
    if (!isCandidate) logits.fill(-Infinity, id, id + entry.size);
    id += entry.size;
  }
  const { tokenSampling = {} } = sequence.request;
  return sampleToken(logits, tokenSampling, sequence.rng.fork('tokens').fork(sequence.ids.length));
}

/** Returns whether the request allows this vocabulary entry as the next one. */
function isAllowed({ request, numTokens, numSpans }: GrowingSequence, entry: VocabularyEntry): boolean {
  const { firstSpan, minTokens = 0, maxTokens = 256, maxSpans = 1, tokenModality } = request;
  if (firstSpan !== undefined && numSpans === 0) {
    return entry.kind === 'begin' && entry.modality === firstSpan.modality;
  }
  if (entry.kind === 'eos') return numTokens >= Math.min(minTokens, maxTokens);
  if (entry.kind === 'tokens') {
    return maxTokens > 0 && (tokenModality === undefined || entry.modality === tokenModality);
  }
  return entry.kind === 'begin' && numSpans < maxSpans && tokenModality === undefined;
}

/**
 * Returns whether the model has the entry's modality and latent shape: a checkpoint's vocabulary may have
 * more.
 */
function isSupported({ modalities }: Transfusion, entry: VocabularyEntry): boolean {
  if (!('modality' in entry)) return true;
  const modality = (modalities.modalities as readonly Modality[]).find(({ name }) => name === entry.modality);
  if (entry.kind !== 'begin' || modality?.kind !== 'continuous') return modality !== undefined;
  return modality.latentShapes.some((shape) => sameShape(shape, entry.latentShape));
}
