/** A document while it is generated: the elements so far, and the span that is being denoised. */
import { createRng, type Rng } from '@transfusion/nn/rng';
import {
  sizeOf,
  type ContinuousModality,
  type EncodedDocument,
  type ModalityRegistry,
  type Shape,
  type Vocabulary,
} from '@transfusion/modality';
import { layoutDocument, spanAt, type FilledSpan, type SequenceLayout } from '../sequence/layout.js';
import type { InputSequence } from '../sequence/model-inputs.js';
import type { OpenSpan } from './open-span.js';
import type { GenerationRequest, KnownLatent } from './request.js';
import { resampledSteps } from './resampled-steps.js';
import type { StepSampler } from './step-sampler.js';

/** Kind of context that precedes a span: all of the document, its spans only, or the negative prompt (by default nothing). */
export type ContextKind = 'full' | 'spans' | 'least';

/** Elements that precede a span. */
export interface Context {
  readonly ids: readonly number[];
  readonly spans: readonly FilledSpan[];
}

/** The document of a request, as far as it is generated. */
export interface GrowingSequence {
  readonly request: GenerationRequest;
  readonly rng: Rng;
  readonly ids: number[];
  readonly spans: FilledSpan[];
  /** Number of `ids` that the request's prompt has, with BOS. */
  readonly promptLength: number;
  /** The negative prompt, as a document that a span may follow. */
  readonly negative: Context;
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
  const lay = (document: EncodedDocument): SequenceLayout =>
    layoutDocument(registry, vocabulary, document, { open: true });
  const { tokenIds, spans } = lay(request.prompt);
  const negative = lay(request.spanSampling?.negativePrompt ?? []);
  return {
    request,
    rng: createRng(request.seed),
    ids: [...tokenIds],
    spans: [...spans],
    promptLength: tokenIds.length,
    negative: { ids: [...negative.tokenIds], spans: negative.spans },
    numTokens: 0,
    numSpans: 0,
  };
}

/** Appends the begin marker and opens a span of pure noise after it, to be denoised with this sampler. */
export function openSpan(
  sequence: GrowingSequence,
  vocabulary: Vocabulary,
  modality: ContinuousModality,
  latentShape: Shape,
  sampler: StepSampler,
  known?: KnownLatent,
): OpenSpan {
  const rng = sequence.rng.fork(`span ${sequence.numSpans}`);
  const initialNoise = rng.fork('start').normals(sizeOf(latentShape));
  sequence.ids.push(vocabulary.beginOf(modality.name, latentShape));
  const span: OpenSpan = {
    modality,
    latentShape,
    sampler,
    steps: resampledSteps(sampler.steps, known?.numResamples ?? 1),
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

/** Returns the sequence as the model sees it for its next token. */
export function visibleSequence({ ids, spans }: GrowingSequence): InputSequence {
  return { layout: { tokenIds: Int32Array.from(ids), spans }, timesteps: spans.map(() => 0) };
}

/** Returns what precedes the open span in a context, with the span's begin marker. */
export function spanContext(
  vocabulary: Vocabulary,
  { ids, spans, negative, openSpan: open }: GrowingSequence,
  kind: ContextKind,
): Context {
  if (kind === 'full') return { ids, spans };
  const begin = vocabulary.beginOf(open!.modality.name, open!.latentShape);
  if (kind === 'least') return { ids: [...negative.ids, begin], spans: negative.spans };
  const moved: FilledSpan[] = [];
  const alone = [vocabulary.bos];
  for (const span of spans) {
    alone.push(vocabulary.beginOf(span.modality, span.latentShape));
    moved.push({ ...span, start: alone.length });
    for (let i = 0; i < span.length; i++) alone.push(0);
    alone.push(vocabulary.endOf(span.modality));
  }
  return { ids: [...alone, begin], spans: moved };
}

/** Returns the open span in a context, as the model sees it. */
export function contextSequence(
  vocabulary: Vocabulary,
  sequence: GrowingSequence,
  kind: ContextKind,
): InputSequence {
  const { ids, spans } = spanContext(vocabulary, sequence, kind);
  const open = sequence.openSpan!;
  const span = fillSpan(open, ids.length);
  const tokenIds = new Int32Array(span.start + span.length);
  tokenIds.set(ids);
  return { layout: { tokenIds, spans: [...spans, span] }, timesteps: timestepsWith(spans, open) };
}

function fillSpan({ modality, latentShape, sample }: OpenSpan, start: number): FilledSpan {
  return {
    ...spanAt(modality, latentShape, start),
    latent: { shape: latentShape, data: sample },
    precedesText: false,
  };
}

/** Finished spans are clean (t = 0), the open one is at its timestep. */
function timestepsWith(finished: readonly FilledSpan[], { steps, stepsTaken }: OpenSpan): number[] {
  return [...finished.map(() => 0), steps[stepsTaken].t];
}
