import * as tf from '@tensorflow/tfjs';
import { flattenParams, type Params } from '@transfusion/nn';
import type { Revision } from './train-options.js';
import type { TrainState } from './train-step.js';

/** Revises the parameters and their EMA of a state; frees the tensors that are replaced. */
export async function revise<P extends Params, OptimizerState extends Params>(
  state: TrainState<P, OptimizerState>,
  revision: Revision<P>,
  step: number,
): Promise<TrainState<P, OptimizerState>> {
  const change = await revision.run(state.params, step);
  return { ...state, params: replaced(state.params, change), ema: replaced(state.ema, change) };
}

function replaced<P extends Params>(params: P, change: (params: P) => P): P {
  const changed = tf.tidy(() => change(params) as tf.TensorContainer) as P;
  const staying = new Set(Object.values(flattenParams(changed)));
  for (const tensor of Object.values(flattenParams(params))) if (!staying.has(tensor)) tensor.dispose();
  return changed;
}
