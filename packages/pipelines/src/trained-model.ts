import {
  createEngine,
  type GenerationEngine,
  type Transfusion,
  type TransfusionParams,
} from '@transfusion/core';
import type { Modality } from '@transfusion/modality';

/**
 * A model with its trained parameters: what every pipeline takes. `M`, the union of the model's modalities,
 * types prompts and outputs; models from `loadModel` (`@transfusion/runs`) leave it open.
 */
export interface TrainedModel<M extends Modality = Modality> {
  readonly model: Transfusion<M>;
  /** Parameters to run with; from a checkpoint, their EMA. */
  readonly params: TransfusionParams;
  /** Generates with the model. By default the first pipeline creates one, and it is kept as long as `params`. */
  readonly engine?: GenerationEngine;
}

const engines = new WeakMap<TransfusionParams, GenerationEngine>();

/** Returns the engine of a trained model. */
export function engineOf({ model, params, engine }: TrainedModel): GenerationEngine {
  const known = engine ?? engines.get(params);
  if (known !== undefined) return known;
  const created = createEngine(model, params);
  engines.set(params, created);
  return created;
}
