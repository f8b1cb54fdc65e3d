/** The amount of work that the demo does. */
import type { ClassifierTaskOptions } from './classifier-task.js';
import type { EmojiDatasetOptions } from './emoji-dataset.js';
import type { TransformerTaskOptions } from './transformer-task.js';

export interface DemoSettings {
  readonly classifier: {
    readonly dataset: EmojiDatasetOptions;
    readonly task: ClassifierTaskOptions;
    readonly steps: number;
  };
  readonly transformer: {
    readonly task: TransformerTaskOptions;
    readonly validationBatches: number;
    readonly sampleLength: number;
    readonly temperature: number;
  };
  readonly comparison: {
    readonly classifierBatchSize: number;
    readonly transformerBatchSize: number;
    readonly steps: number;
    readonly maxSecondsPerEngine: number;
  };
}

/** Two to three minutes on two cores. */
export function fullSettings(seed: number): DemoSettings {
  return {
    classifier: {
      dataset: { size: 32 },
      task: { channels: [32, 64, 128], batchSize: 64, learningRate: 1e-3, seed },
      steps: 500,
    },
    transformer: {
      task: {
        model: { seqLen: 64, modelDim: 128, numHeads: 4, numLayers: 4, ffnDim: 512 },
        batchSize: 32,
        steps: 500,
        learningRate: 3e-3,
        seed,
      },
      validationBatches: 8,
      sampleLength: 400,
      temperature: 0.6,
    },
    comparison: { classifierBatchSize: 2, transformerBatchSize: 8, steps: 8, maxSecondsPerEngine: 8 },
  };
}

/** Seconds: enough to see that everything works and learns. */
export function quickSettings(seed: number): DemoSettings {
  return {
    classifier: {
      dataset: { size: 16, maxConcepts: 120 },
      task: { channels: [8, 16, 32], batchSize: 32, learningRate: 3e-3, seed },
      steps: 40,
    },
    transformer: {
      task: {
        model: { seqLen: 32, modelDim: 32, numHeads: 2, numLayers: 2, ffnDim: 64 },
        batchSize: 16,
        steps: 60,
        learningRate: 1e-2,
        seed,
      },
      validationBatches: 2,
      sampleLength: 100,
      temperature: 0.7,
    },
    comparison: { classifierBatchSize: 2, transformerBatchSize: 4, steps: 4, maxSecondsPerEngine: 5 },
  };
}
