import { disposeReplaced, tidyParams, type Params } from '@transfusion/nn';
import type { PeriodicParamUpdate } from './train-options.js';
import type { TrainState } from './train-step.js';

/** Updates the parameters of a state and their EMA; frees the tensors that are replaced. */
export async function updateParams<P extends Params, OptimizerState extends Params>(
  state: TrainState<P, OptimizerState>,
  paramUpdate: PeriodicParamUpdate<P>,
  step: number,
): Promise<TrainState<P, OptimizerState>> {
  const update = await paramUpdate.run(state.params, step);
  return { ...state, params: applyUpdate(state.params, update), ema: applyUpdate(state.ema, update) };
}

function applyUpdate<P extends Params>(params: P, update: (params: P) => P): P {
  const updated = tidyParams(() => update(params));
  disposeReplaced(params, updated);
  return updated;
}
