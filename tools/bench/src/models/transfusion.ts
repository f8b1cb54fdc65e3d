/**
 * The whole Transfusion step as users run it: emoji with captions packed into rows, the span mask, the
 * paper's linear adapter on pixels, the joint loss, AdamW and the EMA of the weights.
 */
import { fileURLToPath } from 'node:url';
import {
  createTransfusion,
  trainingFlops,
  transformerPreset,
  type BatchShape,
  type Transfusion,
} from '@transfusion/core';
import {
  captionPairs,
  createDocumentStream,
  streamBatches,
  type StreamedBatch,
  type StreamCursor,
} from '@transfusion/data';
import { emojiDocuments, loadEmojiSet } from '@transfusion/emoji';
import { createModalityRegistry } from '@transfusion/modality';
import { decodeImage, image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import type { RatedTraining } from '../measures/training-rate.js';
import { rateTraining } from './rated-training.js';

/** A preset and the shape of its batches. */
export interface TransfusionSizes {
  readonly preset: '11m' | '40m';
  readonly shape: BatchShape;
}

/** 2,048 places: some two documents of about 90 elements in each row. */
const shape: BatchShape = { numRows: 8, rowLength: 256, spanCapacity: { 'image:32x32x3': 20 } };

export const transfusion11M: TransfusionSizes = { preset: '11m', shape };
export const transfusion40M: TransfusionSizes = { preset: '40m', shape };

/** The model, and its batches from the emoji set on. */
export function transfusionTask({ preset, shape: batchShape }: TransfusionSizes): {
  readonly model: Transfusion;
  readonly batches: (from?: StreamCursor) => AsyncGenerator<StreamedBatch, never>;
} {
  const modalities = createModalityRegistry(text(), image({ patchSize: 4 }));
  const model = createTransfusion({ transformer: transformerPreset(preset), modalities });
  const { concepts, styles } = loadEmojiSet({
    size: 32,
    resolveFrom: fileURLToPath(new URL('../..', import.meta.url)),
  });
  const source = emojiDocuments({ concepts, styles, split: 'train', decode: (bytes) => decodeImage(bytes) });
  const stream = createDocumentStream([{ source, transform: captionPairs() }], 1);
  const options = { model, shape: batchShape };
  return { model, batches: (from) => streamBatches(stream, options, from) };
}

const NUM_BATCHES = 4;

/** Training on a few real batches in turn, so that the data costs nothing. */
export async function startTransfusionTraining(
  sizes: TransfusionSizes,
): Promise<RatedTraining & { dispose(): void }> {
  const { model, batches } = transfusionTask(sizes);
  const stream = batches();
  const tensors: ReturnType<typeof model.batchTensors>[] = [];
  for (let i = 0; i < NUM_BATCHES; i++) tensors.push(model.batchTensors((await stream.next()).value.batch));
  return rateTraining(
    { name: `transfusion${sizes.preset}`, flopsPerStep: trainingFlops(model, sizes.shape) },
    model,
    tensors,
  );
}
