import type { Transfusion, TransfusionParams } from '@transfusion/core';
import type { Modality } from '@transfusion/modality';

/** A model and its parameters, typed by its modalities; `loadModel` of `@transfusion/runs` returns one. */
export interface TrainedModel<M extends Modality = Modality> {
  readonly model: Transfusion<M>;
  readonly params: TransfusionParams;
}
