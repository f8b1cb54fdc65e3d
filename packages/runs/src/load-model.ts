import { createTransfusion } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import { createVocabulary } from '@transfusion/modality';
import { zeroRng } from '@transfusion/nn';
import { applyLora } from './apply-lora.js';
import { loadedModel, type LoadedModel } from './loaded-model.js';
import { openStoredModel, type ModelModalities } from './open-stored-model.js';
import { readParams } from './read-params.js';
import { modelDifference } from './stored-model-config.js';

/** Options of {@link loadModel}. */
export interface LoadModelOptions {
  /** Accepts modalities whose codecs differ from the checkpoint's; defaults to false. */
  readonly otherCodecs?: boolean;
  /** Folder of low-rank updates of `exportLora`, or of PEFT for a Llama of this size, to merge into the trunk. */
  readonly lora?: string;
}

/**
 * Loads a model from the folder of a run (its newest checkpoint), of a checkpoint or of an export. The folder is
 * self-contained: neither the recipe nor the training data is needed, and no code in the folder is executed. Low-rank
 * updates that it was trained with are merged into the trunk.
 *
 * @param modalities factories that rebuild the model's modalities from the checkpoint; or, if one of them has no factory
 *   or no config, the modalities themselves, such as a recipe's
 * @throws TransfusionError `not-found` if there is no checkpoint, or no factory for a modality; `invalid-file`, naming
 *   the file, if one is damaged; `mismatch` if `modalities` or `lora` are not the model's, or a modality has no config
 */
export async function loadModel(
  path: string,
  modalities: ModelModalities,
  { otherCodecs = false, lora }: LoadModelOptions = {},
): Promise<LoadedModel> {
  const { checkpoint, config, registry, disposeModalities } = await openStoredModel(path, modalities);
  try {
    const { transformer, spanAttention, vocabulary } = config;
    const model = createTransfusion({
      transformer,
      spanAttention,
      modalities: registry,
      vocabulary: createVocabulary(registry, vocabulary),
    });
    const difference = modelDifference(config, model.config, otherCodecs);
    if (difference !== undefined) {
      throw new TransfusionError(
        'mismatch',
        `${checkpoint.path} holds a different model: ${difference}. Load it with the modalities it was trained with.`,
      );
    }
    const read = await readParams(checkpoint, config, model, zeroRng);
    const params = lora === undefined ? read : await applyLora(read, lora, transformer);
    return loadedModel({ model, params, step: checkpoint.step }, checkpoint.path, disposeModalities);
  } catch (error) {
    disposeModalities();
    throw error;
  }
}
