/** A document while it is generated: the elements so far, and the span that is being denoised. */
import { createRng, type Rng } from '@transfusion/nn';
import {
  sizeOf,
  type ContinuousModality,
  type ModalityRegistry,
  type Shape,
  type Vocabulary,
} from '@transfusion/modality';
import { layoutDocument, spanAt, type FilledSpan } from '../sequence/layout.js';
import type { InputSequence } from '../sequence/model-inputs.js';
import { resampledSteps } from './known-latent.js';
import type { OpenSpan } from './open-span.js';
import type { GenerationRequest, KnownLatent } from './request.js';

/** The document of a request, as far as it is generated. */
export interface GrowingSequence {
  readonly request: GenerationRequest;
  readonly rng: Rng;
  readonly ids: number[];
  readonly spans: FilledSpan[];
  openSpan?: OpenSpan;
  /** Number of generated tokens. */
  numTokens: number;
  /** Number of generated spans. */
  numSpans: number;
}

/** Lays out a request's prompt. */
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

/** Appends the begin marker and opens a span of pure noise after it. */
export function openSpan(
  sequence: GrowingSequence,
  vocabulary: Vocabulary,
  modality: ContinuousModality,
  latentShape: Shape,
  known?: KnownLatent,
): OpenSpan {
  const { numInferenceSteps = 50, scheduler = modality.diffusion } = sequence.request.spanSampling ?? {};
  const rng = sequence.rng.fork(`span ${sequence.numSpans}`);
  const initialNoise = rng.fork('start').normals(sizeOf(latentShape));
  sequence.ids.push(vocabulary.beginOf(modality.name, latentShape));
  const span: OpenSpan = {
    modality,
    latentShape,
    scheduler,
    steps: resampledSteps(scheduler.timesteps(numInferenceSteps), known?.numResamples ?? 1),
    rng,
    initialNoise,
    known,
    stepsTaken: 0,
    sample: initialNoise,
  };
  sequence.openSpan = span;
  return span;
}

/** Adds the denoised latent to the document and appends the end marker. */
export function closeSpan(sequence: GrowingSequence, vocabulary: Vocabulary, open: OpenSpan): void {
  const span = fillSpan(open, sequence.ids.length);
  sequence.spans.push(span);
  for (let i = 0; i < span.length; i++) sequence.ids.push(0);
  sequence.ids.push(vocabulary.endOf(span.modality));
  sequence.openSpan = undefined;
  sequence.numSpans++;
}

/** Returns the sequence as the model sees it: finished spans clean (t = 0), the open one at its timestep. */
export function visibleSequence({ ids, spans, openSpan: open }: GrowingSequence): InputSequence {
  if (open === undefined) {
    return { layout: { tokenIds: Int32Array.from(ids), spans }, timesteps: spans.map(() => 0) };
  }
  const span = fillSpan(open, ids.length);
  const tokenIds = new Int32Array(span.start + span.length);
  tokenIds.set(ids);
  return { layout: { tokenIds, spans: [...spans, span] }, timesteps: timestepsWith(spans, open) };
}

/** Returns a document of only these spans and the open one, without text. */
export function withSpansAlone(
  vocabulary: Vocabulary,
  spans: readonly FilledSpan[],
  open: OpenSpan,
): InputSequence {
  const ids = [vocabulary.bos];
  const moved = [...spans, fillSpan(open, 0)].map((span): FilledSpan => {
    ids.push(vocabulary.beginOf(span.modality, span.latentShape));
    const start = ids.length;
    for (let i = 0; i < span.length; i++) ids.push(0);
    ids.push(vocabulary.endOf(span.modality));
    return { ...span, start };
  });
  // Without the end marker of the open span.
  const tokenIds = Int32Array.from(ids.slice(0, -1));
  return { layout: { tokenIds, spans: moved }, timesteps: timestepsWith(spans, open) };
}

function fillSpan({ modality, latentShape, sample }: OpenSpan, start: number): FilledSpan {
  return {
    ...spanAt(modality, latentShape, start),
    latent: { shape: latentShape, data: sample },
    precedesText: false,
  };
}

function timestepsWith(finished: readonly FilledSpan[], { steps, stepsTaken }: OpenSpan): number[] {
  return [...finished.map(() => 0), steps[stepsTaken].t];
}
