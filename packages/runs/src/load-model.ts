import {
  createEngine,
  createTransfusion,
  type GenerationEngine,
  type ModelConfig,
  type Transfusion,
  type TransfusionParams,
} from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import {
  createModality,
  createModalityRegistry,
  createVocabulary,
  type AssetReader,
  type Modality,
  type ModalityFactory,
  type ModalityRegistry,
} from '@transfusion/modality';
import { disposeParams, zeroRng } from '@transfusion/nn';
import { openCheckpoint, type Checkpoint } from '@transfusion/trainer';
import { findCheckpoint } from './find-checkpoint.js';
import { modelDifference, storedModelConfig } from './stored-model-config.js';

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

/** Options of {@link loadModel}. */
export interface LoadModelOptions {
  /** Accepts modalities whose codecs differ from the checkpoint's; defaults to false. */
  readonly otherCodecs?: boolean;
}

/**
 * Loads a model from the folder of a run (its newest checkpoint), of a checkpoint or of an export. The folder is
 * self-contained: neither the recipe nor the training data is needed, and no code in the folder is executed.
 *
 * @param modalities factories that rebuild the model's modalities from the checkpoint; or, if one of them has no factory
 *   or no config, the modalities themselves, such as a recipe's
 * @throws TransfusionError `not-found` if there is no checkpoint, or no factory for a modality; `invalid-file`, naming
 *   the file, if one is damaged; `mismatch` if `modalities` are not the model's, or one has no config
 */
export async function loadModel(
  path: string,
  modalities: readonly ModalityFactory[] | ModalityRegistry,
  { otherCodecs = false }: LoadModelOptions = {},
): Promise<LoadedModel> {
  const checkpoint = await openCheckpoint(await findCheckpoint(path));
  const stored = storedModelConfig(checkpoint);
  const { transformer, spanAttention, vocabulary } = stored;
  const rebuilt = isRegistry(modalities) ? [] : await rebuildModalities(checkpoint, stored, modalities);
  const disposeRebuilt = (): void => rebuilt.forEach((modality) => modality.dispose?.());
  try {
    const registry = isRegistry(modalities) ? modalities : createModalityRegistry(...rebuilt);
    const model = createTransfusion({
      transformer,
      spanAttention,
      modalities: registry,
      vocabulary: createVocabulary(registry, vocabulary),
    });
    const difference = modelDifference(stored, model.config, otherCodecs);
    if (difference !== undefined) {
      throw new TransfusionError(
        'mismatch',
        `${checkpoint.path} holds a different model: ${difference}. Load it with the modalities it was trained with.`,
      );
    }
    const params = await readParams(checkpoint, model);
    let engine: GenerationEngine | undefined;
    let isDisposed = false;
    return {
      model,
      params,
      step: checkpoint.step,
      get engine() {
        if (isDisposed) {
          throw new TransfusionError(
            'disposed',
            `${checkpoint.path}: engine after dispose. Load the model again.`,
          );
        }
        return (engine ??= createEngine(model, params));
      },
      dispose: () => {
        isDisposed = true;
        engine?.dispose();
        disposeParams(params);
        disposeRebuilt();
      },
    };
  } catch (error) {
    disposeRebuilt();
    throw error;
  }
}

async function rebuildModalities(
  checkpoint: Checkpoint,
  { modalities }: ModelConfig,
  factories: readonly ModalityFactory[],
): Promise<Modality[]> {
  const rebuilt: Modality[] = [];
  try {
    for (const modality of modalities) {
      rebuilt.push(await createModality(modality, factories, assetReader(checkpoint, modality.name)));
    }
    return rebuilt;
  } catch (error) {
    rebuilt.forEach((modality) => modality.dispose?.());
    throw error;
  }
}

function assetReader(checkpoint: Checkpoint, modality: string): AssetReader {
  return { read: (file) => checkpoint.readAsset(`modalities/${modality}/${file}`) };
}

async function readParams(checkpoint: Checkpoint, model: Transfusion): Promise<TransfusionParams> {
  const template = model.init(zeroRng);
  try {
    return await checkpoint.readTree('ema', template);
  } finally {
    disposeParams(template);
  }
}

function isRegistry(
  modalities: readonly ModalityFactory[] | ModalityRegistry,
): modalities is ModalityRegistry {
  return !Array.isArray(modalities);
}
