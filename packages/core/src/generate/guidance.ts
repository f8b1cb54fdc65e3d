/**
 * Classifier-free guidance (Ho & Salimans 2022), with a separate scale for the preceding spans: Brooks,
 * Holynski & Efros 2023, "InstructPix2Pix", equation 3. The model denoises the open span with its full
 * context, with the preceding spans only, and unconditionally; the guided output extrapolates from each to
 * the more conditioned one.
 */
import type { Vocabulary } from '@transfusion/modality';
import type { InputSequence } from '../sequence/model-inputs.js';
import { visibleSequence, withSpansAlone, type GrowingSequence } from './growing-sequence.js';

/** A sequence for the model to predict from. */
export interface GuidanceRow {
  readonly row: InputSequence;
  /** Weight of the difference from the prediction for the next, less conditioned row. */
  readonly scale: number;
}

/**
 * Lists the sequence itself and, while a span is denoised, the less conditioned ones, most conditioned first.
 */
export function guidanceRows(vocabulary: Vocabulary, sequence: GrowingSequence): GuidanceRow[] {
  const { request, openSpan: open, ids, spans } = sequence;
  const full = visibleSequence(sequence);
  if (open === undefined) return [{ row: full, scale: 1 }];
  const { guidanceScale = 3, spanGuidanceScale = guidanceScale } = request.spanSampling ?? {};
  // Excludes BOS, the open span's begin marker, and the finished spans with their markers.
  const numTokens = ids.length - 2 - spans.reduce((sum, { length }) => sum + length + 2, 0);
  const rows: GuidanceRow[] = [];
  if (numTokens > 0) rows.push({ row: full, scale: guidanceScale });
  // With equal scales the prediction for the spans alone would cancel out.
  if (spans.length > 0 && (numTokens === 0 || spanGuidanceScale !== guidanceScale)) {
    rows.push({ row: withSpansAlone(vocabulary, spans, open), scale: spanGuidanceScale });
  }
  rows.push({ row: withSpansAlone(vocabulary, [], open), scale: 1 });
  // At scale 1 the less conditioned prediction cancels out.
  while (rows.length > 1 && rows[rows.length - 2].scale === 1) rows.pop();
  return rows;
}

/** Combines the diffusion model's outputs for the rows. */
export function guidedOutput(rows: readonly GuidanceRow[], outputs: readonly Float32Array[]): Float32Array {
  return outputs[0].map((_, i) =>
    outputs.reduceRight(
      (guided, output, k) =>
        k === outputs.length - 1 ? output[i] : guided + rows[k].scale * (output[i] - outputs[k + 1][i]),
      0,
    ),
  );
}
