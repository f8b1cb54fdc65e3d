/**
 * Generation of interleaved documents (Transfusion, section 3.3) as plainly as can be, as a reference: tokens are
 * sampled one at a time until a begin marker; then a span of pure noise is inserted and denoised in place; its end
 * marker is appended, and token sampling resumes. Each iteration calls the model once for all requests. Nothing is
 * cached in between: every call takes full sequences.
 */
import type { ContinuousModality } from '@transfusion/modality';
import type { Transfusion, TransfusionParams } from '../model/transfusion.js';
import { checkIsArray } from './check-condition.js';
import { checkRequest } from './check-request.js';
import { endReason, nextToken, resolveFirstSpan, type RequestEvent, type ResolvedSpan } from './decisions.js';
import { denoiseStep } from './denoise-step.js';
import { closeSpan, openSpan, startSequence, type GrowingSequence } from './growing-sequence.js';
import { guidanceRows, guidanceTerms, guidedOutput } from './guidance.js';
import { noiseKnownPart } from './known-latent.js';
import type { OpenSpan } from './open-span.js';
import type { GenerationEvent, GenerationRequest } from './request.js';
import { createRowPredictor } from './row-predictor.js';
import { schedulerSampler } from './scheduler-sampler.js';
import { endsWithStop } from './stop-strings.js';

/**
 * Generates all requests together, recomputing every sequence at each step: what `generate` is compared with.
 *
 * @throws TransfusionError `not-found`, `invalid-argument` or `mismatch` for a request that cannot be
 *   met, before anything is generated
 */
export async function* generatePlain(
  model: Transfusion,
  params: TransfusionParams,
  requests: readonly GenerationRequest[],
): AsyncGenerator<GenerationEvent> {
  checkIsArray('generatePlain', 'requests', requests);
  requests.forEach((request) => checkRequest(model, request, schedulerSampler));
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
        if (open !== undefined) noiseKnownPart(open);
      }
      const tasks = [...live].map(([request, sequence]) => {
        return { request, sequence, rows: guidanceRows(model.vocabulary, sequence) };
      });
      const predictions = await predictor.predict(tasks.flatMap(({ rows }) => rows));

      for (const { request, sequence, rows } of tasks) {
        const rowPredictions = predictions.splice(0, rows.length);
        if (sequence.openSpan !== undefined) {
          const output = guidedOutput(
            guidanceTerms(sequence),
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
          if (!(await endsWithStop(model, sequence))) continue;
          live.delete(request);
          yield { request, type: 'end', reason: 'stop' };
        }
      }
    }
  } finally {
    for (const { openSpan: open } of sequences) open?.sampler.reset();
    predictor.dispose();
  }
}

type SpanStart = Extract<RequestEvent, { type: 'span-start' }>;

function startSpan(
  model: Transfusion,
  sequence: GrowingSequence,
  { modality: name, latentShape, known }: ResolvedSpan,
): SpanStart {
  const modality = model.modalities.get(name) as ContinuousModality;
  const sampler = schedulerSampler(modality, latentShape, sequence.request.spanSampling);
  openSpan(sequence, model.vocabulary, modality, latentShape, sampler, known);
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
  const timestep = span.steps[span.stepsTaken].t;
  const predOriginalSample = await denoiseStep(span, output);
  const numSteps = span.steps.length;
  yield {
    request,
    type: 'denoise-step',
    modality,
    step: span.stepsTaken,
    numSteps,
    timestep,
    predOriginalSample,
  };
  if (span.stepsTaken < numSteps) return;
  span.sampler.reset();
  closeSpan(sequence, model.vocabulary, span);
  yield { request, type: 'span-end', modality, latentShape: span.latentShape, latent: span.sample };
}
