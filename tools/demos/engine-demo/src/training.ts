/** The training loop: the same for every model, and on every TensorFlow.js backend. */
import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';

/** A model with its optimizer and its data, ready to be trained. */
export interface TrainingTask<Batch extends object = object> {
  readonly name: string;
  readonly batchSize: number;
  /** The arguments of step number `step`, from 0: tensors that change from step to step. */
  nextBatch(step: number): Batch;
  /** One optimizer step. Returns the loss before it. */
  trainStep(batch: Batch): tf.Scalar;
  dispose(): void;
}

export interface CompletedStep {
  /** Counts from 1. */
  readonly step: number;
  readonly loss: number;
  /** From asking for the batch to having the loss. */
  readonly milliseconds: number;
}

/**
 * Trains for as long as the caller wants more. With `jit` the whole step, gradients and optimizer
 * included, is one graph on the `onnxruntime` backend; other backends run it operation by operation.
 */
export function* train(task: TrainingTask, { useJit = true } = {}): Generator<CompletedStep, void, void> {
  const eager = (batch: object): tf.Scalar => tf.tidy(() => task.trainStep(batch));
  const compiled = jit((batch: object) => task.trainStep(batch), { name: task.name });
  const trainStep = useJit ? compiled : eager;
  try {
    for (let step = 1; ; step++) {
      const start = performance.now();
      const batch = task.nextBatch(step - 1);
      const cost = trainStep(batch);
      const loss = cost.dataSync()[0]!;
      tf.dispose([cost, batch as tf.TensorContainerObject]);
      yield { step, loss, milliseconds: performance.now() - start };
    }
  } finally {
    compiled.dispose();
  }
}
