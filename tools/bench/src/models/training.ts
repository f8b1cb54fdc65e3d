import * as tf from '@transfusion/tfjs';
import { jit, type KernelProfile, type LoweredFunction } from '@transfusion/tfjs-backend-onnxruntime';
import { adamWStep, initialAdamWState, type AdamWState } from './adam-w.js';
import type { Batch, Model, Parameters } from './model.js';

/** A model under training on one batch; the whole step is one compiled function. */
export interface Training {
  readonly model: Model;
  /** Forward, backward, AdamW; returns the loss before the update. */
  step(): number;
  lower(): LoweredFunction;
  profile(): KernelProfile;
  dispose(): void;
}

export function startTraining(model: Model): Training {
  const compiledStep = jit(
    (state: AdamWState, batch: Batch) => {
      const { loss, gradients } = lossAndGradients(model, state.parameters, batch);
      return { loss, state: adamWStep(state, gradients) };
    },
    { name: model.name, donate: [0] },
  );
  const batch = model.makeBatch();
  let state = initialAdamWState(model.initialParameters());

  return {
    model,
    step() {
      const result = compiledStep(state, batch);
      state = result.state;
      const loss = result.loss.dataSync()[0];
      result.loss.dispose();
      return loss;
    },
    lower: () => compiledStep.lower(state, batch),
    profile: () => compiledStep.profile(state, batch),
    dispose() {
      compiledStep.dispose();
      tf.dispose({ state, batch } as unknown as tf.TensorContainer);
    },
  };
}

/** The loss, and its gradient for each parameter by name. */
export function lossAndGradients(
  model: Model,
  parameters: Parameters,
  batch: Batch,
): { loss: tf.Scalar; gradients: Parameters } {
  const names = Object.keys(parameters);
  const lossOf = (...values: tf.Tensor[]): tf.Scalar =>
    model.loss(Object.fromEntries(names.map((name, i) => [name, values[i]])), batch);
  const { value, grads } = tf.valueAndGrads(lossOf)(Object.values(parameters));
  return {
    loss: value as tf.Scalar,
    gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]])),
  };
}
