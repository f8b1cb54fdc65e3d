/** Documents of toy modalities, and their batches. */
import * as tf from '@transfusion/tfjs';
import { createVocabulary, type EncodedDocument, type EncodedSegment } from '@transfusion/modality';
import { createRng, mapParams, type Rng } from '@transfusion/nn';
import fc from 'fast-check';
import { layoutDocument } from '../sequence/layout.js';
import type { ModelInputs } from '../sequence/model-inputs.js';
import { createRowPacker, type BatchShape } from '../sequence/pack.js';
import { sampleNoise, type TrainingSequence } from '../sequence/training-sequence.js';
import { assembleBatch, batchTensors, type BatchArrays } from '../sequence/training-targets.js';
import type { Transfusion, TransfusionParams } from '../model/transfusion.js';
import { toyRegistry } from './toy-modalities.js';

export const toyVocabulary = createVocabulary(toyRegistry);

/** Encodes letters as a text segment. */
export function text(value: string): EncodedSegment {
  return { modality: 'text', ids: toyRegistry.get('text').encode(value) };
}

/** Creates a segment of 4 or 6 numbers. */
export function strip(values: readonly number[], modality: 'strip' | 'wave' = 'strip'): EncodedSegment {
  return { modality, latent: { shape: [values.length], data: Float32Array.from(values) } };
}

const number = fc.integer({ min: -20, max: 20 }).map((tenths) => tenths / 10);
const textSegment = fc.string({ unit: fc.constantFrom(...'abcdef'), maxLength: 4 }).map(text);
const stripSegment = fc
  .tuple(fc.constantFrom(4, 6), fc.constantFrom('strip' as const, 'wave' as const))
  .chain(([length, modality]) =>
    fc.array(number, { minLength: length, maxLength: length }).map((values) => strip(values, modality)),
  );

/** Generates arbitrary documents of at most `maxLength` segments. */
export function anyDocument(maxLength = 4): fc.Arbitrary<EncodedDocument> {
  return fc.array(fc.oneof(textSegment, stripSegment), { maxLength });
}

/** Lays out documents and samples noise for each from its own random stream. */
export function sequencesOf(
  documents: readonly EncodedDocument[],
  rng: Rng = createRng(7),
): TrainingSequence[] {
  return documents.map((document, i) =>
    sampleNoise(toyRegistry, layoutDocument(toyRegistry, toyVocabulary, document), rng.fork(i)),
  );
}

/** Creates a shape with this number of slots in every group. */
export function toyShape(numRows: number, rowLength: number, slots: number): BatchShape {
  const keys = ['strip:4', 'strip:6', 'wave:4', 'wave:6'];
  return { numRows, rowLength, spanCapacity: Object.fromEntries(keys.map((key) => [key, slots])) };
}

/** Packs the sequences that fit into a batch. */
export function packed(shape: BatchShape, sequences: readonly TrainingSequence[]): BatchArrays {
  const packer = createRowPacker<TrainingSequence>(shape, ({ layout }) => layout);
  for (const sequence of sequences) packer.add(sequence);
  return assembleBatch(toyRegistry, toyVocabulary, shape, packer.rows);
}

/** Returns the model's inputs for a training batch. */
export function inputsOf(model: Transfusion, arrays: BatchArrays): ModelInputs {
  const { inputs, groups } = batchTensors(arrays);
  const noisy = arrays.groups.map(({ key, modality }) => {
    const { latents, noise, timesteps, positions } = groups[key];
    const { diffusion } = model.modalities.continuous.find(({ name }) => name === modality)!;
    return [key, { noisyLatents: diffusion.addNoise(latents, noise, timesteps), timesteps, positions }];
  });
  return { ...inputs, groups: Object.fromEntries(noisy) as ModelInputs['groups'] };
}

/**
 * Creates parameters large enough to affect all outputs; freshly initialized ones leave outputs near zero.
 */
export function warmParams(model: Transfusion, seed = 3): TransfusionParams {
  const rng = createRng(seed);
  return mapParams(model.init(rng), (tensor, path) =>
    tensor.add(tf.tensor(rng.fork(path).normals(tensor.size), tensor.shape).mul(0.3)),
  );
}
