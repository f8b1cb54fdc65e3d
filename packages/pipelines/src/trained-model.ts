import type { Transfusion, TransfusionParams } from '@transfusion/core';
import type { Modality } from '@transfusion/modality';

/**
 * A model with its trained parameters: what every pipeline takes. `M`, the union of the model's modalities,
 * types prompts and outputs; models from `loadModel` (`@transfusion/runs`) leave it open.
 */
export interface TrainedModel<M extends Modality = Modality> {
  readonly model: Transfusion<M>;
  /** Parameters to run with; from a checkpoint, their EMA. */
  readonly params: TransfusionParams;
}
