/**
 * Inputs of the model for a batch, both as plain arrays, assembled outside the compiled graph, and as the
 * tree of tensors that is passed to it. Rows hold documents one after the other; span ids are unique within
 * the batch.
 */
import * as tf from '@transfusion/tfjs';
import { invariant } from '@transfusion/errors';
import { sizeOf, type ModalityRegistry, type Vocabulary } from '@transfusion/modality';
import type { SequenceLayout } from './layout.js';
import type { BatchShape, PackedRow } from './pack.js';
import { groupKey, spanGroupKinds } from './span-groups.js';

/** Inputs for `B` rows of `S` positions. All are int32 except the groups' latents and timesteps. */
export type ModelInputs = {
  /**
   * Source of the hidden vector at each position [B, S]: a row of the token embedding or, from V on, an
   * element of a span: first those of the first group, span by span, then those of the next group.
   */
  readonly sources: tf.Tensor2D;
  /** Position of each element in its document [B, S]. */
  readonly positions: tf.Tensor2D;
  /** Index of the document that a position belongs to [B, S]; -1 for padding. */
  readonly documentIds: tf.Tensor2D;
  /** Index of the span that a position belongs to [B, S]; -1 outside spans. */
  readonly spanIds: tf.Tensor2D;
  readonly groups: { readonly [key: string]: SpanGroupInputs };
};

/** The spans of a group in `N` slots, some of which may be empty. */
export type SpanGroupInputs = {
  /** [N, ...L] */
  readonly noisyLatents: tf.Tensor;
  /** [N] */
  readonly timesteps: tf.Tensor1D;
  /** Positions of the spans' elements in the flattened rows, int32 [N · P]. */
  readonly positions: tf.Tensor1D;
};

/** A laid-out document with the timesteps of its spans: the model's input. */
export interface InputSequence {
  readonly layout: SequenceLayout;
  /** One for each span; 0 for a clean one. */
  readonly timesteps: readonly number[];
}

/** {@link ModelInputs} as plain arrays. */
export interface InputArrays {
  readonly shape: BatchShape;
  readonly sources: Int32Array;
  readonly positions: Int32Array;
  readonly documentIds: Int32Array;
  readonly spanIds: Int32Array;
  readonly groups: readonly SpanGroupArrays[];
  /** Number of positions that hold an element of a document. */
  readonly numElements: number;
  readonly numDocuments: number;
}

/** The arrays of one group. */
export interface SpanGroupArrays {
  readonly key: string;
  readonly modality: string;
  readonly latentShape: readonly number[];
  /** Number of slots that hold a span: the first ones. */
  readonly numSpans: number;
  /** Latents of the layouts: noisy in generation, clean in training, where the graph adds noise. */
  readonly latents: Float32Array;
  readonly timesteps: Float32Array;
  readonly positions: Int32Array;
}

/** Writes packed rows into arrays of the batch's shape; spans fill the slots of their group in order. */
export function assembleInputs(
  registry: ModalityRegistry,
  vocabulary: Vocabulary,
  shape: BatchShape,
  rows: readonly PackedRow<InputSequence>[],
): InputArrays {
  const { numRows: B, rowLength: S } = shape;
  const sources = new Int32Array(B * S);
  const positions = new Int32Array(B * S);
  const documentIds = new Int32Array(B * S).fill(-1);
  const spanIds = new Int32Array(B * S).fill(-1);
  const groups = emptyGroups(registry, vocabulary, shape);
  invariant(rows.length <= B, () => `${rows.length} rows in a batch of ${B}`);
  let numDocuments = 0;
  let numElements = 0;
  let numSpans = 0;

  rows.forEach((row, rowIndex) => {
    let offset = rowIndex * S;
    for (const { layout, timesteps } of row) {
      const { tokenIds, spans } = layout;
      tokenIds.forEach((id, i) => {
        sources[offset + i] = id;
        positions[offset + i] = i;
        documentIds[offset + i] = numDocuments;
      });
      spans.forEach((span, spanIndex) => {
        const group = groups.get(groupKey(span.modality, span.latentShape));
        invariant(group !== undefined, () => `no slots for spans of ${span.modality}`);
        const n = group.numSpans++;
        invariant(n < group.timesteps.length, () => `no more than ${n} slots for spans of ${group.key}`);
        group.latents.set(span.latent.data, n * group.latentSize);
        group.timesteps[n] = timesteps[spanIndex];
        for (let p = 0; p < span.length; p++) {
          const position = offset + span.start + p;
          sources[position] = group.firstSource + n * span.length + p;
          spanIds[position] = numSpans;
          group.positions[n * span.length + p] = position;
        }
        numSpans++;
      });
      offset += tokenIds.length;
      numElements += tokenIds.length;
      numDocuments++;
    }
    invariant(offset <= (rowIndex + 1) * S, () => `row ${rowIndex} has more than ${S} positions`);
  });

  return {
    shape,
    sources,
    positions,
    documentIds,
    spanIds,
    groups: [...groups.values()],
    numElements,
    numDocuments,
  };
}

type MutableGroup = SpanGroupArrays & {
  numSpans: number;
  readonly latentSize: number;
  readonly firstSource: number;
};

function emptyGroups(
  registry: ModalityRegistry,
  vocabulary: Vocabulary,
  { spanCapacity }: BatchShape,
): Map<string, MutableGroup> {
  let firstSource = vocabulary.size;
  const groups = new Map<string, MutableGroup>();
  for (const { key, modality, latentShape, spanLength } of spanGroupKinds(registry)) {
    const capacity = spanCapacity[key] ?? 0;
    if (capacity === 0) continue;
    const latentSize = sizeOf(latentShape);
    groups.set(key, {
      key,
      modality: modality.name,
      latentShape,
      numSpans: 0,
      latentSize,
      firstSource,
      latents: new Float32Array(capacity * latentSize),
      timesteps: new Float32Array(capacity),
      positions: new Int32Array(capacity * spanLength),
    });
    firstSource += capacity * spanLength;
  }
  return groups;
}

/** Uploads inputs whose latents are already noisy; the caller disposes of them. */
export function inputTensors(arrays: InputArrays): ModelInputs {
  const groups = arrays.groups.map(({ key, latentShape, latents, timesteps, positions }) => {
    const inputs: SpanGroupInputs = {
      noisyLatents: tf.tensor(latents, [timesteps.length, ...latentShape]),
      timesteps: tf.tensor1d(timesteps),
      positions: tf.tensor1d(positions, 'int32'),
    };
    return [key, inputs] as const;
  });
  return { ...rowTensors(arrays), groups: Object.fromEntries(groups) };
}

/** Uploads the inputs that have a value for each position. */
export function rowTensors({
  shape: { numRows: B, rowLength: S },
  sources,
  positions,
  documentIds,
  spanIds,
}: InputArrays): Omit<ModelInputs, 'groups'> {
  const int = (values: Int32Array): tf.Tensor2D => tf.tensor2d(values, [B, S], 'int32');
  return {
    sources: int(sources),
    positions: int(positions),
    documentIds: int(documentIds),
    spanIds: int(spanIds),
  };
}
