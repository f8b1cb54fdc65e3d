/** A document while it is generated: what is written so far, and the span that is being denoised. */
import type { InferenceStep, NoiseScheduler, SamplerMemory } from '@transfusion/diffusion';
import { createRng, type Rng } from '@transfusion/nn';
import {
  sizeOf,
  type ContinuousModality,
  type ModalityRegistry,
  type Shape,
  type Vocabulary,
} from '@transfusion/modality';
import { layoutDocument, spanAt, type FilledSpan, type SequenceLayout } from '../sequence/layout.js';
import type { TrainingSequence } from '../sequence/training-sequence.js';
import { resampledSteps, type KnownLatent } from './known-latent.js';
import type { GenerationRequest } from './request.js';

/** A span on its way from noise to latent. */
export interface OpenSpan {
  readonly modality: ContinuousModality;
  readonly latentShape: Shape;
  readonly scheduler: NoiseScheduler;
  readonly steps: readonly InferenceStep[];
  readonly rng: Rng;
  readonly startNoise: Float32Array;
  readonly known?: KnownLatent;
  /** Steps taken. */
  stepsTaken: number;
  sample: Float32Array;
  memory?: SamplerMemory;
}

/** What is known of a document so far. */
export interface GrowingSequence {
  readonly request: GenerationRequest;
  readonly rng: Rng;
  readonly ids: number[];
  readonly spans: FilledSpan[];
  openSpan?: OpenSpan;
  numTokens: number;
  numSpans: number;
}

/** The sequence of a request before anything is generated. */
export function startSequence(
  registry: ModalityRegistry,
  vocabulary: Vocabulary,
  request: GenerationRequest,
): GrowingSequence {
  const { tokenIds, spans } = layoutDocument(registry, vocabulary, request.prompt, { open: true });
  return {
    request,
    rng: createRng(request.seed),
    ids: [...tokenIds],
    spans: [...spans],
    numTokens: 0,
    numSpans: 0,
  };
}

/** Appends the marker, and opens a span of pure noise behind it. */
export function openSpan(
  sequence: GrowingSequence,
  vocabulary: Vocabulary,
  modality: ContinuousModality,
  latentShape: Shape,
  known?: KnownLatent,
): OpenSpan {
  const { numInferenceSteps = 50, scheduler = modality.diffusion } = sequence.request.spans ?? {};
  const rng = sequence.rng.fork(`span ${sequence.numSpans}`);
  const startNoise = rng.fork('start').normals(sizeOf(latentShape));
  sequence.ids.push(vocabulary.beginOf(modality.name, latentShape));
  const span: OpenSpan = {
    modality,
    latentShape,
    scheduler,
    steps: resampledSteps(scheduler.timesteps(numInferenceSteps), known?.resample ?? 1),
    rng,
    startNoise,
    known,
    stepsTaken: 0,
    sample: startNoise,
  };
  sequence.openSpan = span;
  return span;
}

/** Keeps what was denoised as part of the document, and appends the end marker. */
export function closeSpan(sequence: GrowingSequence, vocabulary: Vocabulary, span: OpenSpan): void {
  const { modality, latentShape, sample } = span;
  const place = spanAt(modality, latentShape, sequence.ids.length);
  const latent = { shape: latentShape, data: sample };
  sequence.spans.push({ ...place, latent, precedesText: false });
  for (let i = 0; i < place.length; i++) sequence.ids.push(0);
  sequence.ids.push(vocabulary.endOf(modality.name));
  sequence.openSpan = undefined;
  sequence.numSpans++;
}

/** The sequence as the model is to see it: finished spans clean (t = 0), the open one at its timestep. */
export function visibleSequence(sequence: GrowingSequence): TrainingSequence {
  const open = sequence.openSpan;
  const finished = sequence.spans.map(() => 0);
  if (open === undefined) {
    return noised({ tokenIds: Int32Array.from(sequence.ids), spans: sequence.spans }, finished);
  }
  const place = spanAt(open.modality, open.latentShape, sequence.ids.length);
  const tokenIds = new Int32Array(place.start + place.length);
  tokenIds.set(sequence.ids);
  return noised({ tokenIds, spans: [...sequence.spans, filled(open, place.start)] }, [
    ...finished,
    open.steps[open.stepsTaken].t,
  ]);
}

/** The open span in a document that says nothing else than these spans. */
export function withSpansAlone(
  vocabulary: Vocabulary,
  spans: readonly FilledSpan[],
  open: OpenSpan,
): TrainingSequence {
  const ids = [vocabulary.bos];
  const placed = [...spans, filled(open, 0)].map((span): FilledSpan => {
    ids.push(vocabulary.beginOf(span.modality, span.latentShape));
    const start = ids.length;
    for (let i = 0; i < span.length; i++) ids.push(0);
    ids.push(vocabulary.endOf(span.modality));
    return { ...span, start };
  });
  // Without the end marker of the open span.
  const tokenIds = Int32Array.from(ids.slice(0, -1));
  return noised({ tokenIds, spans: placed }, [...spans.map(() => 0), open.steps[open.stepsTaken].t]);
}

function filled({ modality, latentShape, sample }: OpenSpan, start: number): FilledSpan {
  return {
    ...spanAt(modality, latentShape, start),
    latent: { shape: latentShape, data: sample },
    precedesText: false,
  };
}

/** The latents as they are stand for their noised versions. */
function noised(layout: SequenceLayout, timesteps: readonly number[]): TrainingSequence {
  const noise = new Float32Array(0);
  return { layout, draws: timesteps.map((timestep) => ({ timestep, noise, weight: 0 })) };
}
