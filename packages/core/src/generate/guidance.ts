/**
 * Classifier-free guidance (Ho & Salimans 2022), with a separate scale for the preceding spans: Brooks,
 * Holynski & Efros 2023, "InstructPix2Pix", equation 3. The model denoises the open span with its full
 * context, with the preceding spans only, and unconditionally; the guided output extrapolates from each to
 * the more conditioned one.
 */
import type { Vocabulary } from '@transfusion/modality';
import type { InputSequence } from '../sequence/model-inputs.js';
import {
  contextSequence,
  visibleSequence,
  type ContextKind,
  type GrowingSequence,
} from './growing-sequence.js';
import { spanSamplingDefaults } from './span-sampling-defaults.js';

/** A prediction for the open span. */
export interface GuidanceTerm {
  readonly context: ContextKind;
  /** Weight of the difference from the prediction for the next, less conditioned context. */
  readonly scale: number;
}

/** Lists the predictions that a denoising step combines, most conditioned first. */
export function guidanceTerms({ request, openSpan: open, ids, spans }: GrowingSequence): GuidanceTerm[] {
  if (open === undefined) return [{ context: 'full', scale: 1 }];
  const {
    guidanceScale = spanSamplingDefaults.guidanceScale,
    spanGuidanceScale = guidanceScale,
    guidanceInterval: [from, to] = [0, Infinity],
    negativePrompt = [],
  } = request.spanSampling ?? {};
  // Excludes BOS, the open span's begin marker, and the finished spans with their markers.
  const numTokens = ids.length - 2 - spans.reduce((sum, { length }) => sum + length + 2, 0);
  if (numTokens === 0 && spans.length === 0 && negativePrompt.length === 0) {
    return [{ context: 'full', scale: 1 }];
  }
  const terms: GuidanceTerm[] = [];
  if (numTokens > 0 || spans.length === 0) terms.push({ context: 'full', scale: guidanceScale });
  // With equal scales the prediction for the spans alone would cancel out.
  if (spans.length > 0 && (numTokens === 0 || spanGuidanceScale !== guidanceScale)) {
    terms.push({ context: numTokens === 0 ? 'full' : 'spans', scale: spanGuidanceScale });
  }
  terms.push({ context: 'least', scale: 1 });
  // At scale 1 the less conditioned prediction cancels out.
  while (terms.length > 1 && terms[terms.length - 2].scale === 1) terms.pop();
  const { t } = open.steps[open.stepsTaken];
  return t >= from && t <= to ? terms : terms.slice(0, 1);
}

/** Returns the sequences that the terms are predictions for. */
export function guidanceRows(vocabulary: Vocabulary, sequence: GrowingSequence): InputSequence[] {
  if (sequence.openSpan === undefined) return [visibleSequence(sequence)];
  return guidanceTerms(sequence).map(({ context }) => contextSequence(vocabulary, sequence, context));
}

/** Combines the diffusion model's outputs for the terms. */
export function guidedOutput(terms: readonly GuidanceTerm[], outputs: readonly Float32Array[]): Float32Array {
  return outputs[0].map((_, i) =>
    outputs.reduceRight(
      (guided, output, k) =>
        k === outputs.length - 1 ? output[i] : guided + terms[k].scale * (output[i] - outputs[k + 1][i]),
      0,
    ),
  );
}
