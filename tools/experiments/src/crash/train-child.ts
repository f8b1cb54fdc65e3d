/** The process that is killed: trains a tiny model in the directory that it is passed, and resumes there. */
import { createTransfusion, transformerConfig } from '@transfusion/core';
import { captionPairs, createDocumentStream, streamBatches, type BatchCursor } from '@transfusion/data';
import { selectEngine } from '@transfusion/engine';
import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { adamW, warmupCosine } from '@transfusion/nn';
import { train } from '@transfusion/trainer';
import { IMAGE_SIZE, loadShapes, shapeDocuments } from '../shape-set.js';

const [directory, steps] = process.argv.slice(2);

await selectEngine('onnxruntime');
const modalities = createModalityRegistry(
  text(),
  image({ latentShapes: [[IMAGE_SIZE, IMAGE_SIZE, 3]], patchSize: 4 }),
);
const transformer = transformerConfig({ numLayers: 2, modelDim: 64, numHeads: 2, ffnDim: 128 });
const model = createTransfusion({ transformer, modalities });
const source = shapeDocuments(await loadShapes(), 'true');
const stream = createDocumentStream([{ source, transform: captionPairs() }], 5);
const shape = { numRows: 4, rowLength: 128, spanCapacity: { [`image:${IMAGE_SIZE}x${IMAGE_SIZE}x3`]: 10 } };

await train({
  model,
  optimizer: adamW(),
  lrSchedule: warmupCosine({ peak: 1e-3, warmupSteps: 5, totalSteps: Number(steps) }),
  totalSteps: Number(steps),
  batches: (cursor?: BatchCursor) => streamBatches(stream, { model, shape }, cursor),
  seed: 3,
  directory,
  microBatches: 2,
  checkpointEvery: 3,
  keepCheckpoints: 2,
  onStep: ({ step }) => process.send?.(step),
});
process.disconnect?.();
