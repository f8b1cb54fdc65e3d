import {
  createEngine,
  type GenerationEngine,
  type Transfusion,
  type TransfusionParams,
} from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import { disposeParams } from '@transfusion/nn';

/** A trained model, as the functions of `@transfusion/pipelines` take it. */
export interface LoadedModel {
  readonly model: Transfusion;
  /** The EMA of the parameters. */
  readonly params: TransfusionParams;
  /** Number of completed training steps. */
  readonly step: number;
  /** Generates with the model; created when it is first read. */
  readonly engine: GenerationEngine;
  /** Frees the parameters, and the weights of modalities that factories created; the model is unusable afterwards. */
  dispose(): void;
}

/**
 * Creates a loaded model.
 *
 * @param path the checkpoint, for messages
 * @param disposeModalities called by `dispose`
 */
export function loadedModel(
  { model, params, step }: Pick<LoadedModel, 'model' | 'params' | 'step'>,
  path: string,
  disposeModalities: () => void,
): LoadedModel {
  let engine: GenerationEngine | undefined;
  let isDisposed = false;
  return {
    model,
    params,
    step,
    get engine() {
      if (isDisposed) {
        throw new TransfusionError('disposed', `${path}: engine after dispose. Load the model again.`);
      }
      return (engine ??= createEngine(model, params));
    },
    dispose: () => {
      isDisposed = true;
      engine?.dispose();
      disposeParams(params);
      disposeModalities();
    },
  };
}
