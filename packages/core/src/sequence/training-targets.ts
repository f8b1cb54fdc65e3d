/**
 * Additional inputs for training: targets, noise, and the weights and counts of the loss; both as plain
 * arrays, assembled outside the compiled graph, and as the tree of tensors that is passed to it.
 */
import * as tf from '@transfusion/tfjs';
import { sizeOf, type ModalityRegistry, type Vocabulary } from '@transfusion/modality';
import type { SequenceLayout } from './layout.js';
import {
  assembleInputs,
  rowTensors,
  type InputArrays,
  type ModelInputs,
  type SpanGroupArrays,
} from './model-inputs.js';
import type { BatchShape, PackedRow } from './pack.js';
import { groupKey } from './span-groups.js';
import type { NoiseSample, TrainingSequence } from './training-sequence.js';

/** Tensors of a training step: inputs, targets, and the counts that the loss parts are divided by. */
export type TrainingBatch = {
  readonly inputs: Omit<ModelInputs, 'groups'>;
  /** The next token of each position, int32 [B, S]. */
  readonly targets: tf.Tensor2D;
  /** 1 where the target is trained on, 0 elsewhere: [B, S]. */
  readonly tokenWeights: tf.Tensor2D;
  readonly groups: { readonly [key: string]: TrainingGroup };
  /** Total token weight, and number of latent elements of each modality, in the entire step. */
  readonly counts: { readonly tokens: tf.Scalar; readonly [modality: string]: tf.Scalar };
};

/** The spans of a group, to be noised in the graph. */
export type TrainingGroup = {
  /** Clean latents [N, ...L]. */
  readonly latents: tf.Tensor;
  readonly noise: tf.Tensor;
  readonly timesteps: tf.Tensor1D;
  /** Loss weight of each span; 0 for empty slots. [N] */
  readonly weights: tf.Tensor1D;
  /** Positions of the spans' elements in the flattened rows, int32 [N · P]. */
  readonly positions: tf.Tensor1D;
};

/** A training batch as plain arrays; the latents are clean. */
export interface BatchArrays extends InputArrays {
  readonly targets: Int32Array;
  readonly tokenWeights: Float32Array;
  readonly groups: readonly TrainingGroupArrays[];
}

/** The arrays of one group. */
export interface TrainingGroupArrays extends SpanGroupArrays {
  readonly noise: Float32Array;
  readonly weights: Float32Array;
}

/** Writes packed rows into arrays of the batch's shape. */
export function assembleBatch(
  registry: ModalityRegistry,
  vocabulary: Vocabulary,
  shape: BatchShape,
  rows: readonly PackedRow<TrainingSequence>[],
): BatchArrays {
  const inputs = assembleInputs(
    registry,
    vocabulary,
    shape,
    rows.map((row) =>
      row.map(({ layout, noiseSamples }) => ({
        layout,
        timesteps: noiseSamples.map(({ timestep }) => timestep),
      })),
    ),
  );
  const targets = new Int32Array(inputs.sources.length);
  const tokenWeights = new Float32Array(inputs.sources.length);
  rows.forEach((row, rowIndex) => {
    let offset = rowIndex * shape.rowLength;
    for (const { layout } of row) {
      writeTargets(layout, targets.subarray(offset), tokenWeights.subarray(offset));
      offset += layout.tokenIds.length;
    }
  });
  return { ...inputs, targets, tokenWeights, groups: addNoiseSamples(inputs.groups, rows.flat()) };
}

/** Writes the targets of a document: the target of a token is the next token, if that is trained on. */
function writeTargets(
  { tokenIds, untrained, spans }: SequenceLayout,
  targets: Int32Array,
  tokenWeights: Float32Array,
): void {
  const isToken = new Uint8Array(tokenIds.length).fill(1);
  for (const { start, length } of spans) isToken.fill(0, start, start + length);
  for (let i = 0; i + 1 < tokenIds.length; i++) {
    if (!isToken[i] || !isToken[i + 1] || untrained?.[i + 1] === 1) continue;
    targets[i] = tokenIds[i + 1];
    tokenWeights[i] = 1;
  }
}

/** Adds noise and weights to the groups, for each span in its slot. */
function addNoiseSamples(
  groups: readonly SpanGroupArrays[],
  sequences: readonly TrainingSequence[],
): TrainingGroupArrays[] {
  const samples = new Map<string, NoiseSample[]>(groups.map(({ key }) => [key, []]));
  for (const { layout, noiseSamples } of sequences) {
    layout.spans.forEach(({ modality, latentShape }, i) => {
      samples.get(groupKey(modality, latentShape))!.push(noiseSamples[i]);
    });
  }
  return groups.map((group) => {
    const noise = new Float32Array(group.latents.length);
    const weights = new Float32Array(group.timesteps.length);
    samples.get(group.key)!.forEach((sample, n) => {
      noise.set(sample.noise, n * sizeOf(group.latentShape));
      weights[n] = sample.weight;
    });
    return { ...group, noise, weights };
  });
}

/** Computes the divisors of the loss parts, over one batch or several micro-batches together. */
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

/** Uploads a batch; the caller disposes of its tensors. */
export function batchTensors(
  batch: BatchArrays,
  counts: Readonly<Record<string, number>> = lossCounts([batch]),
): TrainingBatch {
  const { numRows: B, rowLength: S } = batch.shape;
  return {
    inputs: rowTensors(batch),
    targets: tf.tensor2d(batch.targets, [B, S], 'int32'),
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
  positions,
}: TrainingGroupArrays): TrainingGroup {
  const shape = [timesteps.length, ...latentShape];
  return {
    latents: tf.tensor(latents, shape),
    noise: tf.tensor(noise, shape),
    timesteps: tf.tensor1d(timesteps),
    weights: tf.tensor1d(weights),
    positions: tf.tensor1d(positions, 'int32'),
  };
}

/** Counts the documents and elements of batches; `fill` is the fraction of positions that hold an element. */
export function batchSizes(batches: readonly BatchArrays[]): {
  readonly documents: number;
  readonly elements: number;
  readonly fill: number;
} {
  const elements = batches.reduce((sum, { numElements }) => sum + numElements, 0);
  const positions = batches.reduce((sum, { shape }) => sum + shape.numRows * shape.rowLength, 0);
  const documents = batches.reduce((sum, { numDocuments }) => sum + numDocuments, 0);
  return { elements, documents, fill: elements / positions };
}
