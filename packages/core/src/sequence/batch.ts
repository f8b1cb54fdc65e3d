/**
 * A batch as plain arrays, made outside the compiled graph, and as the tree of tensors that goes into
 * it. Rows hold documents one after the other; spans are numbered over the whole batch.
 */
import * as tf from '@tensorflow/tfjs';
import { invariant } from '@transfusion/errors';
import { sizeOf, type ModalityRegistry, type Vocabulary } from '@transfusion/modality';
import type { BatchShape, PackedRow } from './pack.js';
import { groupKey, spanGroupKinds } from './span-groups.js';
import type { TrainingSequence } from './training-sequence.js';

/** What the model reads of a batch: `B` rows of `S` positions. All int32 but the group's latents and timesteps. */
export type BatchInputs = {
  /**
   * Where the hidden vector of each position comes from [B, S]: a row of the token embedding, or, from
   * V on, an element of the spans: those of the first group, span by span, then the next group's.
   */
  readonly sources: tf.Tensor2D;
  /** Place of each position in its document [B, S]. */
  readonly positions: tf.Tensor2D;
  /** Which document a position belongs to [B, S]; -1 where there is none. */
  readonly documentIds: tf.Tensor2D;
  /** Which span a position belongs to [B, S]; -1 outside any. */
  readonly spanIds: tf.Tensor2D;
  readonly groups: { readonly [key: string]: GroupInputs };
};

/** The spans of a group: `N` places, some perhaps without a span. */
export type GroupInputs = {
  /** What the model sees: [N, ...L]. */
  readonly noisyLatents: tf.Tensor;
  /** [N] */
  readonly timesteps: tf.Tensor1D;
  /** Where the span's elements stand in the flattened rows, int32 [N · P]. */
  readonly places: tf.Tensor1D;
};

/** What a training step gets: inputs, what is to be predicted, and what to divide by. */
export type TrainingBatch = {
  readonly inputs: Omit<BatchInputs, 'groups'>;
  /** The token that should follow each position, int32 [B, S]. */
  readonly targets: tf.Tensor2D;
  /** Whether it counts, [B, S]. */
  readonly tokenWeights: tf.Tensor2D;
  readonly groups: { readonly [key: string]: TrainingGroup };
  /** Weight of all tokens, and number of all latent elements of each modality, in the whole step. */
  readonly counts: { readonly tokens: tf.Scalar; readonly [modality: string]: tf.Scalar };
};

/** The spans of a group with what training adds to them. */
export type TrainingGroup = {
  /** Clean latents [N, ...L]. */
  readonly latents: tf.Tensor;
  readonly noise: tf.Tensor;
  readonly timesteps: tf.Tensor1D;
  /** How much each span's error counts; 0 where there is no span. [N] */
  readonly weights: tf.Tensor1D;
  readonly places: tf.Tensor1D;
};

/** The arrays of one group. */
export interface GroupArrays {
  readonly key: string;
  readonly modality: string;
  readonly latentShape: readonly number[];
  /** How many of the places hold a span. */
  readonly numSpans: number;
  readonly latents: Float32Array;
  readonly noise: Float32Array;
  readonly timesteps: Float32Array;
  readonly weights: Float32Array;
  readonly places: Int32Array;
}

/** A batch as plain arrays. */
export interface BatchArrays {
  readonly shape: BatchShape;
  readonly sources: Int32Array;
  readonly positions: Int32Array;
  readonly documentIds: Int32Array;
  readonly spanIds: Int32Array;
  readonly targets: Int32Array;
  readonly tokenWeights: Float32Array;
  readonly groups: readonly GroupArrays[];
  /** Positions that hold an element of a document. */
  readonly numElements: number;
  readonly numDocuments: number;
}

/** Writes packed rows into arrays of the batch's shape. */
export function assembleBatch(
  registry: ModalityRegistry,
  vocabulary: Vocabulary,
  shape: BatchShape,
  rows: readonly PackedRow<TrainingSequence>[],
): BatchArrays {
  const { numRows: B, rowLength: S } = shape;
  const sources = new Int32Array(B * S);
  const positions = new Int32Array(B * S);
  const documentIds = new Int32Array(B * S).fill(-1);
  const spanIds = new Int32Array(B * S).fill(-1);
  const targets = new Int32Array(B * S);
  const tokenWeights = new Float32Array(B * S);
  const groups = emptyGroups(registry, vocabulary, shape);
  invariant(rows.length <= B, () => `${rows.length} rows in a batch of ${B}`);
  let numDocuments = 0;
  let numElements = 0;
  let numSpans = 0;

  rows.forEach((row, rowIndex) => {
    let offset = rowIndex * S;
    for (const { layout, draws } of row) {
      const { tokenIds, given, spans } = layout;
      const isToken = new Uint8Array(tokenIds.length).fill(1);
      tokenIds.forEach((id, i) => {
        sources[offset + i] = id;
        positions[offset + i] = i;
        documentIds[offset + i] = numDocuments;
      });
      spans.forEach((span, spanIndex) => {
        const group = groups.get(groupKey(span.modality, span.latentShape));
        invariant(group !== undefined, () => `no places for spans of ${span.modality}`);
        const n = group.numSpans++;
        invariant(n < group.timesteps.length, () => `no more than ${n} places for spans of ${group.key}`);
        const { timestep, noise, weight } = draws[spanIndex];
        group.latents.set(span.latent.data, n * group.latentSize);
        group.noise.set(noise, n * group.latentSize);
        group.timesteps[n] = timestep;
        group.weights[n] = weight;
        for (let p = 0; p < span.length; p++) {
          const position = offset + span.start + p;
          isToken[span.start + p] = 0;
          sources[position] = group.firstSource + n * span.length + p;
          spanIds[position] = numSpans;
          group.places[n * span.length + p] = position;
        }
        numSpans++;
      });
      for (let i = 0; i + 1 < tokenIds.length; i++) {
        if (!isToken[i] || !isToken[i + 1] || given?.[i + 1] === 1) continue;
        targets[offset + i] = tokenIds[i + 1];
        tokenWeights[offset + i] = 1;
      }
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
    targets,
    tokenWeights,
    groups: [...groups.values()],
    numElements,
    numDocuments,
  };
}

type MutableGroup = GroupArrays & {
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
      noise: new Float32Array(capacity * latentSize),
      timesteps: new Float32Array(capacity),
      weights: new Float32Array(capacity),
      places: new Int32Array(capacity * spanLength),
    });
    firstSource += capacity * spanLength;
  }
  return groups;
}

/** What the parts of the joint loss are divided by: of one batch, or of micro-batches together. */
export function lossCounts(batches: readonly BatchArrays[]): Record<string, number> {
  const counts: Record<string, number> = { tokens: 0 };
  for (const { tokenWeights, groups } of batches) {
    counts['tokens'] += tokenWeights.reduce((sum, weight) => sum + weight, 0);
    for (const { modality, latentShape, numSpans } of groups) {
      counts[modality] = (counts[modality] ?? 0) + numSpans * sizeOf(latentShape);
    }
  }
  return counts;
}

/**
 * The batch as tensors; the caller disposes of them.
 *
 * @param counts those of the whole step, if this is one of several micro-batches
 */
export function batchTensors(
  batch: BatchArrays,
  counts: Readonly<Record<string, number>> = lossCounts([batch]),
): TrainingBatch {
  const { numRows: B, rowLength: S } = batch.shape;
  const int = (values: Int32Array): tf.Tensor2D => tf.tensor2d(values, [B, S], 'int32');
  return {
    inputs: {
      sources: int(batch.sources),
      positions: int(batch.positions),
      documentIds: int(batch.documentIds),
      spanIds: int(batch.spanIds),
    },
    targets: int(batch.targets),
    tokenWeights: tf.tensor2d(batch.tokenWeights, [B, S]),
    groups: Object.fromEntries(batch.groups.map((group) => [group.key, groupTensors(group)])),
    counts: Object.fromEntries(
      Object.entries(counts).map(([name, count]) => [name, tf.scalar(count)]),
    ) as TrainingBatch['counts'],
  };
}

function groupTensors({
  latentShape,
  latents,
  noise,
  timesteps,
  weights,
  places,
}: GroupArrays): TrainingGroup {
  const shape = [timesteps.length, ...latentShape];
  return {
    latents: tf.tensor(latents, shape),
    noise: tf.tensor(noise, shape),
    timesteps: tf.tensor1d(timesteps),
    weights: tf.tensor1d(weights),
    places: tf.tensor1d(places, 'int32'),
  };
}

/** How much is in the batches of a step. */
export interface BatchSizes {
  readonly documents: number;
  /** Elements of documents: tokens and patches. */
  readonly elements: number;
  /** Share of the rows' places that hold an element. */
  readonly fill: number;
}

/** Counts what batches hold. */
export function batchSizes(batches: readonly BatchArrays[]): BatchSizes {
  const elements = batches.reduce((sum, { numElements }) => sum + numElements, 0);
  const places = batches.reduce((sum, { shape }) => sum + shape.numRows * shape.rowLength, 0);
  const documents = batches.reduce((sum, { numDocuments }) => sum + numDocuments, 0);
  return { elements, documents, fill: elements / places };
}
