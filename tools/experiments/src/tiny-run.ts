/** A training run of a tiny model on small images: half a million parameters. */
import * as tf from '@transfusion/tfjs';
import {
  createTransfusion,
  transformerConfig,
  type BatchShape,
  type Transfusion,
  type TransfusionParams,
} from '@transfusion/core';
import { captionPairs, createDocumentStream, streamBatches, type DocumentSource } from '@transfusion/data';
import { flowEuler, velocity } from '@transfusion/diffusion';
import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { adamW, createRng, disposeParams, emaDecayAt, warmupCosine } from '@transfusion/nn';
import { createTrainStep } from '@transfusion/trainer';
import { IMAGE_SIZE } from './shape-set.js';

export interface TinyRunOptions {
  /** Captions and images. */
  readonly source: DocumentSource;
  /** Side of a patch in pixels; defaults to 4. */
  readonly patchSize?: 2 | 4;
  /** Tokens and patches of a row; defaults to 48. */
  readonly rowLength?: number;
  readonly spanAttention?: 'bidirectional' | 'causal';
  readonly seed: number;
  readonly steps: number;
  onStep?(step: number, loss: number): void;
}

export interface TinyModel {
  readonly model: Transfusion;
  /** EMA of the parameters. */
  readonly params: TransfusionParams;
}

/** Returns the shape of a batch of 32 rows. */
export function tinyBatchShape(rowLength: number): BatchShape {
  return { numRows: 32, rowLength, spanCapacity: { [`image:${IMAGE_SIZE}x${IMAGE_SIZE}x3`]: 32 } };
}

/** Trains from scratch. The caller disposes of the parameters. */
export async function trainTiny(options: TinyRunOptions): Promise<TinyModel> {
  const { source, patchSize = 4, rowLength = 48, spanAttention, seed, steps } = options;
  const modalities = createModalityRegistry(
    text(),
    image({
      latentShapes: [[IMAGE_SIZE, IMAGE_SIZE, 3]],
      patchSize,
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
  const stream = createDocumentStream([{ source, transform: captionPairs({ captionFirst: 0.5 }) }], seed);
  const batches = streamBatches(stream, { model, shape: tinyBatchShape(rowLength) });
  const learningRate = warmupCosine({ peak: 3e-3, warmupSteps: 20, totalSteps: steps });
  const trainStep = createTrainStep(model, { optimizer: adamW({ weightDecay: 0.01 }) });
  let state = trainStep.init(model.init(createRng(seed).fork('parameters')));
  for (let step = 0; step < steps; step++) {
    const { batch } = (await batches.next()).value;
    const tensors = model.batchTensors(batch);
    const settings = { learningRate: learningRate(step), emaDecay: emaDecayAt(step, 0.98) };
    const result = trainStep.run(state, [tensors], settings);
    state = result.state;
    options.onStep?.(step + 1, (await result.report.loss.data())[0]);
    tf.dispose([tensors, result.report]);
  }
  trainStep.dispose();
  disposeParams({ params: state.params, optimizerState: state.optimizerState });
  return { model, params: state.ema };
}
