/**
 * Training and judging the character transformer: gradients from `tf.variableGrads`, a hand-written
 * AdamW, and a learning rate that rises, then falls to zero.
 */
import * as tf from '@transfusion/tfjs';
import { adamW } from './adam-w.js';
import {
  createCharTransformer,
  type CharTransformer,
  type CharTransformerConfig,
} from './char-transformer.js';
import { seededRandom } from './seeded-random.js';
import { evenTextBatches, randomTextBatch, type TextBatch, type TextDataset } from './text-dataset.js';
import type { TrainingTask } from './training.js';

export interface TransformerTaskOptions {
  readonly model: Omit<CharTransformerConfig, 'vocabSize'>;
  readonly batchSize: number;
  /** Length of the learning rate's schedule. */
  readonly steps: number;
  readonly learningRate: number;
  readonly seed: number;
}

interface TransformerBatch {
  /** [B, S] int32 */
  readonly inputs: tf.Tensor2D;
  /** [B, S] int32: the inputs, one character on. */
  readonly targets: tf.Tensor2D;
  readonly learningRate: tf.Scalar;
}

export interface TransformerTask extends TrainingTask<TransformerBatch> {
  readonly model: CharTransformer;
}

const WARMUP_STEPS = 20;

export function transformerTask(dataset: TextDataset, options: TransformerTaskOptions): TransformerTask {
  const { batchSize, steps, seed } = options;
  const { seqLen } = options.model;
  const model = createCharTransformer({ ...options.model, vocabSize: dataset.characters.length }, seed);
  const optimizer = adamW(model.variables);
  const random = seededRandom(seed);

  const learningRateAt = (step: number): number =>
    options.learningRate * Math.min((step + 1) / WARMUP_STEPS, 1 - step / steps);

  return {
    name: 'transformer',
    model,
    batchSize,
    nextBatch: (step) => ({
      ...tensorsOf(randomTextBatch(dataset.train, batchSize, seqLen, random), seqLen),
      learningRate: tf.scalar(learningRateAt(step)),
    }),
    trainStep: ({ inputs, targets, learningRate }) => {
      const { value, grads } = tf.variableGrads(() => model.loss(inputs, targets), model.variables);
      optimizer.update(grads, learningRate);
      return value;
    },
    dispose: () => {
      model.dispose();
      optimizer.dispose();
    },
  };
}

/** Mean loss over windows spread evenly over the text, in nats per character. */
export function meanLoss(
  model: CharTransformer,
  text: Int32Array,
  batches: number,
  batchSize: number,
): number {
  const { seqLen } = model.config;
  let sum = 0;
  for (const batch of evenTextBatches(text, batches, batchSize, seqLen)) {
    const loss = tf.tidy(() => {
      const { inputs, targets } = tensorsOf(batch, seqLen);
      return model.loss(inputs, targets);
    });
    sum += loss.dataSync()[0]!;
    loss.dispose();
  }
  return sum / batches;
}

function tensorsOf(
  { inputs, targets }: TextBatch,
  seqLen: number,
): { inputs: tf.Tensor2D; targets: tf.Tensor2D } {
  const shape: [number, number] = [inputs.length / seqLen, seqLen];
  return { inputs: tf.tensor2d(inputs, shape, 'int32'), targets: tf.tensor2d(targets, shape, 'int32') };
}
