import * as tf from '@transfusion/tfjs';
import type { Params } from '@transfusion/nn';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { TrainCallback } from './train-options.js';
import type { TrainableModel } from './trainable-model.js';

/** Options of {@link validationLoss}. */
export interface ValidationLossOptions<P extends Params, Arrays, Batch extends object> {
  readonly model: Pick<TrainableModel<P, Arrays, Batch>, 'loss' | 'lossCounts' | 'batchTensors'>;
  /** Number of steps between evaluations. */
  readonly every: number;
  /** Opens the batches from their beginning; may be endless. */
  readonly batches: () => AsyncIterable<{ readonly batch: Arrays }>;
  /** Number of batches to evaluate; they are in memory at the same time. */
  readonly numBatches: number;
}

/** Result of {@link validationLoss}. */
export interface ValidationLoss<P extends Params = Params> extends TrainCallback<P> {
  /** Computes the loss of these parameters and its parts, by their names in the logs. */
  evaluate(params: P): Promise<Record<string, number>>;
  /** Frees the compiled graph. */
  dispose(): void;
}

/**
 * Creates a callback that logs the loss of the EMA parameters on validation data, always on the same batches
 * with the same noise: `validation/loss` and its parts (`validation/tokens`, and by modality), as means over
 * all batches.
 */
export function validationLoss<P extends Params, Arrays, Batch extends object>({
  model,
  every,
  batches,
  numBatches,
}: ValidationLossOptions<P, Arrays, Batch>): ValidationLoss<P> {
  const computeLoss = jit((params: P, batch: Batch) => model.loss(params, batch), { name: 'validationLoss' });
  const evaluate = async (params: P): Promise<Record<string, number>> => {
    const arrays = await firstBatches(batches(), numBatches);
    // Divided by the counts of all batches, the losses add up to the total, as with micro-batches.
    const counts = model.lossCounts(arrays);
    let loss = 0;
    const sums: Record<string, number> = {};
    for (const batch of arrays) {
      const tensors = model.batchTensors(batch, counts);
      let result: ReturnType<typeof computeLoss> | undefined;
      try {
        result = computeLoss(params, tensors);
        loss += await readScalar(result.loss);
        for (const [name, sum] of Object.entries(result.aux)) {
          sums[name] = (sums[name] ?? 0) + (await readScalar(sum));
        }
      } finally {
        tf.dispose([tensors, result] as tf.TensorContainer);
      }
    }
    const scalars: Record<string, number> = { 'validation/loss': loss };
    for (const [name, sum] of Object.entries(sums)) {
      if (counts[name] > 0) scalars[`validation/${name}`] = sum / counts[name];
    }
    return scalars;
  };
  return {
    every,
    evaluate,
    run: async ({ ema, log }) => log(await evaluate(ema)),
    dispose: () => computeLoss.dispose(),
  };
}

async function firstBatches<Arrays>(
  batches: AsyncIterable<{ readonly batch: Arrays }>,
  count: number,
): Promise<Arrays[]> {
  const arrays: Arrays[] = [];
  for await (const { batch } of batches) {
    arrays.push(batch);
    if (arrays.length === count) break;
  }
  return arrays;
}

async function readScalar(scalar: tf.Scalar): Promise<number> {
  return (await scalar.data())[0];
}
