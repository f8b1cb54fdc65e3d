/** One training run of a tiny model on the shapes: half a million parameters. */
import * as tf from '@tensorflow/tfjs';
import {
  batchTensors,
  createTransfusion,
  transformerConfig,
  type Transfusion,
  type TransfusionParams,
} from '@transfusion/core';
import { captionPairs, createDocumentStream, streamBatches } from '@transfusion/data';
import { flowEuler, velocity } from '@transfusion/diffusion';
import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { adamW, createRng, disposeParams, emaDecayAt, warmupCosine } from '@transfusion/nn';
import { createTrainStep } from '@transfusion/trainer';
import { IMAGE_SIZE, shapeDocuments, type CaptionedImage, type Captions } from './shape-set.js';

export interface TinyRunOptions {
  readonly shapes: readonly CaptionedImage[];
  readonly captions: Captions;
  readonly spanAttention?: 'bidirectional' | 'causal';
  readonly seed: number;
  readonly steps: number;
  onStep?(step: number, loss: number): void;
}

export interface TinyModel {
  readonly model: Transfusion;
  /** Running mean of the parameters. */
  readonly params: TransfusionParams;
}

/** Trains from scratch. The caller disposes of the parameters. */
export async function trainTiny(options: TinyRunOptions): Promise<TinyModel> {
  const { shapes, captions, spanAttention, seed, steps } = options;
  const modalities = createModalityRegistry(
    text(),
    image({
      latentShapes: [[IMAGE_SIZE, IMAGE_SIZE, 3]],
      patchSize: 4,
      positionEmbedding: 'axial',
      diffusion: flowEuler({ predictionType: 'sample', lossWeighting: velocity(0.2), clipSample: 1 }),
    }),
  );
  const transformer = transformerConfig({
    numLayers: 4,
    modelDim: 96,
    numHeads: 4,
    ffnDim: 256,
    qkNorm: true,
  });
  const model = createTransfusion({ transformer, modalities, spanAttention });
  const stream = createDocumentStream(
    [{ source: shapeDocuments(shapes, captions), transform: captionPairs({ captionFirst: 0.5 }) }],
    seed,
  );
  const batches = streamBatches(stream, {
    modalities,
    vocabulary: model.vocabulary,
    shape: { numRows: 32, rowLength: 48, spanCapacity: { [`image:${IMAGE_SIZE}x${IMAGE_SIZE}x3`]: 32 } },
  });
  const learningRate = warmupCosine({ peak: 3e-3, warmupSteps: 20, totalSteps: steps });
  const trainStep = createTrainStep(model, { optimizer: adamW({ weightDecay: 0.01 }) });
  let state = trainStep.init(model.init(createRng(seed).fork('parameters')));
  for (let step = 0; step < steps; step++) {
    const { batch } = (await batches.next()).value;
    const tensors = batchTensors(batch);
    const settings = { learningRate: learningRate(step), emaDecay: emaDecayAt(step, 0.98) };
    const result = trainStep.run(state, [tensors], settings);
    state = result.state;
    options.onStep?.(step + 1, (await result.report.loss.data())[0]);
    tf.dispose([tensors, result.report]);
  }
  trainStep.dispose();
  disposeParams({ params: state.params, optimizer: state.optimizer });
  return { model, params: state.ema };
}
