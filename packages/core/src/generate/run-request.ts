/**
 * The life of one request: its prompt is read, then tokens are sampled until a begin marker, and the span after
 * it is denoised. Written as if it were alone; whatever it awaits is computed together with other requests'.
 */
import type { ContinuousModality } from '@transfusion/modality';
import { groupKey } from '../sequence/span-groups.js';
import { denoiseStep } from './denoise-step.js';
import {
  closeSpan,
  openSpan,
  spanContext,
  startSequence,
  type ContextKind,
  type GrowingSequence,
} from './growing-sequence.js';
import { guidanceTerms, guidedOutput } from './guidance.js';
import { noiseKnownPart } from './known-latent.js';
import type { OpenSpan } from './open-span.js';
import type { GenerationRequest } from './request.js';
import { endReason, nextToken, resolveFirstSpan, type RequestEvent, type ResolvedSpan } from './decisions.js';
import { endsWithStop } from './stop-strings.js';
import type { SamplerOf } from './step-sampler.js';
import type { DocumentRows } from './document-rows.js';
import type { DocumentModel } from './document-model.js';

/** Surroundings of a request. */
export interface RequestContext<Row> {
  readonly model: DocumentModel;
  readonly rows: DocumentRows<Row>;
  readonly samplerOf: SamplerOf;
  readonly emit: (event: RequestEvent) => void;
}

/** Generates a document, and reports its progress. */
export async function runRequest<Row>(
  { model, rows, samplerOf, emit }: RequestContext<Row>,
  request: GenerationRequest,
): Promise<void> {
  const { vocabulary } = model;
  const sequence = startSequence(model.modalities, vocabulary, request);
  const row = rows.add();
  try {
    /** Number of elements of the sequence that the row has. */
    let cached = 0;
    const append = async (read: boolean): Promise<Float32Array | undefined> => {
      const logits = await rows.append(row, sequence, cached, read);
      cached = sequence.ids.length;
      return logits;
    };
    let next: ResolvedSpan | undefined = resolveFirstSpan(model, request);
    for (;;) {
      if (next !== undefined) {
        const { modality: name, latentShape, known } = next;
        const modality = model.modalities.get(name) as ContinuousModality;
        const sampler = samplerOf(modality, latentShape, request.spanSampling);
        const span = openSpan(sequence, vocabulary, modality, latentShape, sampler, known);
        emit({ type: 'span-start', modality: name, latentShape });
        await append(false);
        await denoiseSpan({ model, rows, samplerOf, emit }, sequence, span, row);
        closeSpan(sequence, vocabulary, span);
        // A copy: the reader may write into it, and the span is part of what follows.
        emit({ type: 'span-end', modality: name, latentShape, latent: span.sample.slice() });
        next = undefined;
      }
      const reason = endReason(sequence);
      if (reason !== undefined) return emit({ type: 'end', reason });
      const logits = await append(true);
      const id = nextToken(model, sequence, logits!);
      const { entry, offset } = vocabulary.at(id);
      if (entry.kind === 'eos') return emit({ type: 'end', reason: 'eos' });
      if (entry.kind === 'begin') next = entry;
      else if (entry.kind === 'tokens') {
        sequence.ids.push(id);
        sequence.numTokens++;
        emit({ type: 'token', modality: entry.modality, id: offset });
        if (await endsWithStop(model, sequence)) return emit({ type: 'end', reason: 'stop' });
      }
    }
  } finally {
    rows.remove(row);
  }
}

/** Denoises the open span, in all the contexts that guidance combines. */
async function denoiseSpan<Row>(
  { model, rows, emit }: RequestContext<Row>,
  sequence: GrowingSequence,
  span: OpenSpan,
  row: Row,
): Promise<void> {
  const contexts = new Map<ContextKind, Row>([['full', row]]);
  const modality = span.modality.name;
  const key = groupKey(modality, span.latentShape);
  const numSteps = span.steps.length;
  try {
    while (span.stepsTaken < numSteps) {
      noiseKnownPart(span);
      const terms = guidanceTerms(sequence);
      for (const { context } of terms) {
        if (contexts.has(context)) continue;
        const other = rows.add();
        contexts.set(context, other);
        await rows.append(other, spanContext(model.vocabulary, sequence, context), 0, false);
      }
      const timestep = span.steps[span.stepsTaken].t;
      const outputs = await rows.denoise(key, {
        rows: terms.map(({ context }) => contexts.get(context)!),
        latent: span.sample,
        timestep,
      });
      const predOriginalSample = await denoiseStep(span, guidedOutput(terms, outputs));
      emit({
        type: 'denoise-step',
        modality,
        step: span.stepsTaken,
        numSteps,
        timestep,
        predOriginalSample: predOriginalSample.slice(),
      });
    }
  } finally {
    span.sampler.reset();
    contexts.delete('full');
    for (const other of contexts.values()) rows.remove(other);
  }
}
