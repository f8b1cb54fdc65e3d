/**
 * Layout of documents as sequences: `[BOS] text [BEGIN] latents… [END] text [EOS]`. Text becomes ids of the
 * vocabulary, and a latent becomes a span of positions between its markers.
 */
import { TransfusionError } from '@transfusion/errors';
import {
  checkLatent,
  type ContinuousModality,
  type EncodedDocument,
  type Latent,
  type Modality,
  type ModalityRegistry,
  type Shape,
  type Vocabulary,
} from '@transfusion/modality';

/** Number of markers around a document: begin (BOS) and end (EOS). */
export const NUM_DOCUMENT_MARKERS = 2;

/** Number of markers around a span: begin and end. */
export const NUM_SPAN_MARKERS = 2;

/** The positions of a latent in a sequence. */
export interface Span {
  readonly modality: string;
  /** Position of its first element. */
  readonly start: number;
  /** Number of its positions. */
  readonly length: number;
  readonly latentShape: Shape;
}

/** A span with its latent. */
export interface FilledSpan extends Span {
  readonly latent: Latent;
  /** True if the document begins with this span and text follows: the paper limits its noise. */
  readonly precedesText: boolean;
}

/** A document laid out as a sequence. */
export interface SequenceLayout {
  /** Vocabulary id at each position; 0 within spans, which have no tokens. */
  readonly tokenIds: Int32Array;
  /**
   * 1 for tokens that are context only, without loss; absent if there are none. Same length as `tokenIds`.
   */
  readonly untrained?: Uint8Array;
  readonly spans: readonly FilledSpan[];
}

/** Returns the span of a latent of this shape that starts at a position. */
export function spanAt(modality: ContinuousModality, latentShape: Shape, start: number): Span {
  return { modality: modality.name, start, length: modality.spanLength(latentShape), latentShape };
}

/**
 * Lays out a document.
 *
 * @param options.open omits EOS, so that the document can be continued (a prompt)
 * @throws TransfusionError `mismatch` for ids or latents that are invalid for their modality
 */
export function layoutDocument(
  registry: ModalityRegistry,
  vocabulary: Vocabulary,
  document: EncodedDocument,
  { open = false }: { readonly open?: boolean } = {},
): SequenceLayout {
  const ids: number[] = [vocabulary.bos];
  const spans: FilledSpan[] = [];
  const untrained: number[] = [];
  document.forEach((segment, index) => {
    if ('ids' in segment) {
      const { start, size } = vocabulary.tokensOf(segment.modality);
      for (const id of segment.ids) {
        if (!(id >= 0 && id < size)) {
          throw new TransfusionError(
            'mismatch',
            `segment ${index}: the id ${id} is out of range for '${segment.modality}', expected 0 to ${size - 1}. ` +
              "Encode the document with the model's modalities.",
          );
        }
        if (segment.trainable === false) untrained.push(ids.length);
        ids.push(start + id);
      }
      return;
    }
    const { latent } = segment;
    const modality = continuousModality(registry, segment.modality, index);
    checkLatent(modality, latent, `segment ${index}`);
    const isFirst = ids.length === 1;
    const precedesText =
      isFirst && document.slice(index + 1).some((later) => 'ids' in later && later.ids.length > 0);
    ids.push(vocabulary.beginOf(modality.name, latent.shape));
    spans.push({ ...spanAt(modality, latent.shape, ids.length), latent, precedesText });
    for (let i = 0; i < spans[spans.length - 1].length; i++) ids.push(0);
    ids.push(vocabulary.endOf(modality.name));
  });
  if (!open) ids.push(vocabulary.eos);
  const layout = { tokenIds: Int32Array.from(ids), spans };
  if (untrained.length === 0) return layout;
  const flags = new Uint8Array(ids.length);
  for (const position of untrained) flags[position] = 1;
  return { ...layout, untrained: flags };
}

function continuousModality(registry: ModalityRegistry, name: string, index: number): ContinuousModality {
  const modality = registry.get(name) as Modality;
  if (modality.kind === 'continuous') return modality;
  throw new TransfusionError(
    'mismatch',
    `segment ${index}: found a latent of '${name}', which is discrete, expected ids. Encode the document with the model's modalities.`,
  );
}
