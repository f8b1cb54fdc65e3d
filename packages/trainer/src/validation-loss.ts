import * as tf from '@tensorflow/tfjs';
import type { Params } from '@transfusion/nn';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { TrainCallback } from './train-options.js';
import type { TrainableModel } from './trainable-model.js';

/** Options of {@link validationLoss}. */
export interface ValidationLossOptions<P extends Params, Arrays, Batch extends object> {
  readonly model: Pick<TrainableModel<P, Arrays, Batch>, 'loss' | 'lossCounts' | 'batchTensors'>;
  /** Steps between evaluations. */
  readonly every: number;
  /** Opens the batches, from their beginning at each call; endless ones are cut off. */
  readonly batches: () => AsyncIterable<{ readonly batch: Arrays }>;
  /** Number of batches that are used; they are in memory together. */
  readonly numBatches: number;
}

/** Callback that {@link validationLoss} makes. */
export interface ValidationLoss<P extends Params = Params> extends TrainCallback<P> {
  /** Computes the loss of these parameters and its parts, by the names under which they are logged. */
  evaluate(params: P): Promise<Record<string, number>>;
  /** Frees the compiled graph. */
  dispose(): void;
}

/**
 * Makes a callback that logs the loss of the parameters' EMA on data that is not trained on, always the same batches
 * with the same noise: `validation/loss`, and its parts (`validation/tokens`, and by modality) as means over all batches
 * together.
 */
export function validationLoss<P extends Params, Arrays, Batch extends object>({
  model,
  every,
  batches,
  numBatches,
}: ValidationLossOptions<P, Arrays, Batch>): ValidationLoss<P> {
  const lossOf = jit((params: P, batch: Batch) => model.loss(params, batch), { name: 'validationLoss' });
  const evaluate = async (params: P): Promise<Record<string, number>> => {
    const arrays = await firstBatches(batches(), numBatches);
    // Divided by the counts of all, the losses of the batches add up to the loss, as those of micro-batches do.
    const counts = model.lossCounts(arrays);
    let loss = 0;
    const sums: Record<string, number> = {};
    for (const batch of arrays) {
      const tensors = model.batchTensors(batch, counts);
      let found: ReturnType<typeof lossOf> | undefined;
      try {
        found = lossOf(params, tensors);
        loss += await valueOf(found.loss);
        for (const [name, sum] of Object.entries(found.aux))
          sums[name] = (sums[name] ?? 0) + (await valueOf(sum));
      } finally {
        tf.dispose([tensors, found] as tf.TensorContainer);
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
    dispose: () => lossOf.dispose(),
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

async function valueOf(scalar: tf.Scalar): Promise<number> {
  return (await scalar.data())[0];
}
