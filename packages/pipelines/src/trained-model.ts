import {
  createEngine,
  type GenerationEngine,
  type Transfusion,
  type TransfusionParams,
} from '@transfusion/core';
import { TransfusionError, warnOfSecondCopy } from '@transfusion/errors';
import type { Modality } from '@transfusion/modality';

/**
 * A model with its trained parameters: what every pipeline takes. `M`, the union of the model's modalities,
 * types prompts and outputs; models from `loadModel` (`@transfusion/runs`) leave it open.
 */
export interface TrainedModel<M extends Modality = Modality> {
  readonly model: Transfusion<M>;
  /** Parameters to run with; from a checkpoint, their EMA. */
  readonly params: TransfusionParams;
  /**
   * Generates with this model and these parameters. By default the first pipeline creates one, which is kept as long as
   * both.
   */
  readonly engine?: GenerationEngine;
}

warnOfSecondCopy(
  '@transfusion/pipelines',
  import.meta.url,
  'Each creates an engine of its own for the same model, with weights and caches in memory twice.',
);

const engines = new WeakMap<Transfusion, WeakMap<TransfusionParams, GenerationEngine>>();

/**
 * Returns the engine of a trained model.
 *
 * @throws TransfusionError `mismatch` if its `engine` is that of another model
 */
export function engineOf({ model, params, engine }: TrainedModel): GenerationEngine {
  if (engine !== undefined) {
    if (engine.model === model) return engine;
    throw new TransfusionError(
      'mismatch',
      'pipelines: the engine generates with another model than `model`. Leave out `engine`, or create one for this model.',
    );
  }
  let ofModel = engines.get(model);
  if (ofModel === undefined) engines.set(model, (ofModel = new WeakMap()));
  let created = ofModel.get(params);
  if (created === undefined) ofModel.set(params, (created = createEngine(model, params)));
  return created;
}
