/** Training of any model on a few batches in turn, so that the data costs nothing. */
import * as tf from '@transfusion/tfjs';
import { adamW, createRng, disposeParams, type Params } from '@transfusion/nn';
import { createTrainStep, type TrainableModel } from '@transfusion/trainer';
import type { RatedTraining } from '../measures/training-rate.js';

/** @param batches in the engine; they are disposed of with the training */
export function rateTraining<P extends Params, Batch extends object>(
  rated: RatedTraining['model'],
  model: Pick<TrainableModel<P, never, Batch>, 'init' | 'loss'>,
  batches: readonly Batch[],
): RatedTraining & { dispose(): void } {
  const trainStep = createTrainStep(model, { optimizer: adamW() });
  let state = trainStep.init(model.init(createRng(1)));
  let steps = 0;
  return {
    model: rated,
    step() {
      const batch = batches[steps++ % batches.length];
      const result = trainStep.run(state, [batch], { learningRate: 3e-4, emaDecay: 0.999 });
      state = result.state;
      const loss = result.report.loss.dataSync()[0];
      tf.dispose(result.report);
      return loss;
    },
    dispose() {
      trainStep.dispose();
      disposeParams(state);
      batches.forEach((batch) => tf.dispose(batch as tf.TensorContainer));
    },
  };
}
