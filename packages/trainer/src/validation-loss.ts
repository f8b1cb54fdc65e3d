/** The loss on data that is not trained on: always the same batches with the same noise. */
import * as tf from '@tensorflow/tfjs';
import { batchTensors, lossCounts, type Transfusion, type TransfusionParams } from '@transfusion/core';
import type { StreamedBatch } from '@transfusion/data';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { TrainCallback } from './train.js';

/** Options of {@link validationLoss}. */
export interface ValidationLossOptions {
  readonly model: Transfusion;
  /** Steps between evaluations. */
  readonly every: number;
  /** The batches, from their beginning at each call; endless ones are cut off. */
  readonly batches: () => AsyncIterable<StreamedBatch>;
  /** How many batches are taken. */
  readonly numBatches: number;
}

/** What {@link validationLoss} makes. */
export interface ValidationLoss extends TrainCallback<TransfusionParams> {
  /** The loss of these parameters and its parts, by the names under which they are logged. */
  evaluate(params: TransfusionParams): Promise<Record<string, number>>;
  /** Frees the compiled graph. */
  dispose(): void;
}

/**
 * Logs the loss of the parameters' EMA on validation batches: `validation/loss`, and its parts
 * (`validation/tokens`, and by modality) as means over all batches together.
 */
export function validationLoss({ model, every, batches, numBatches }: ValidationLossOptions): ValidationLoss {
  const sumsOf = jit(
    (...args: Parameters<Transfusion['loss']>): Record<string, tf.Scalar> => {
      const { loss, aux } = model.loss(...args);
      loss.dispose();
      return aux;
    },
    { name: 'validationLoss' },
  );
  const evaluate = async (params: TransfusionParams): Promise<Record<string, number>> => {
    const sums: Record<string, number> = {};
    const counts: Record<string, number> = {};
    let taken = 0;
    for await (const { batch } of batches()) {
      const tensors = batchTensors(batch);
      const found = sumsOf(params, tensors);
      for (const [name, sum] of Object.entries(found)) add(sums, name, (await sum.data())[0]);
      for (const [name, count] of Object.entries(lossCounts([batch]))) add(counts, name, count);
      tf.dispose([tensors, found]);
      if (++taken === numBatches) break;
    }
    return validationScalars(model, sums, counts);
  };
  return {
    every,
    evaluate,
    run: async ({ ema, log }) => log(await evaluate(ema)),
    dispose: () => sumsOf.dispose(),
  };
}

function add(totals: Record<string, number>, name: string, value: number): void {
  totals[name] = (totals[name] ?? 0) + value;
}

function validationScalars(
  { modalities }: Transfusion,
  sums: Readonly<Record<string, number>>,
  counts: Readonly<Record<string, number>>,
): Record<string, number> {
  const weights = new Map(modalities.continuous.map(({ name, lossWeight }) => [name as string, lossWeight]));
  const means = Object.entries(sums).flatMap(([name, sum]) =>
    counts[name] > 0 ? [[name, sum / counts[name]] as const] : [],
  );
  const loss = means.reduce((total, [name, mean]) => total + (weights.get(name) ?? 1) * mean, 0);
  return Object.fromEntries(
    [['loss', loss] as const, ...means].map(([name, value]) => [`validation/${name}`, value]),
  );
}
