import { createTransfusion, type ModelConfig, type Transfusion } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import { createModalityRegistry, createVocabulary, type Modality } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { loadedModel, type LoadedModel } from './loaded-model.js';
import { openStoredModel, type ModelModalities } from './open-stored-model.js';
import { readParams } from './read-params.js';
import { extensionDifference } from './stored-model-config.js';

/** Options of {@link extendModel}. */
export interface ExtendModelOptions {
  /** Seeds the parameters of what is added; defaults to 0. */
  readonly seed?: number;
  /**
   * Accepts modalities whose codecs differ from the checkpoint's, as they do for more latent shapes; defaults to false.
   */
  readonly otherCodecs?: boolean;
}

/**
 * Loads a trained model and adds modalities to it, or latent shapes to one that it has. Every id of its vocabulary and every
 * weight stays as it is; new ids follow the old ones, and only their embeddings and the new adapters are initialized. What
 * the model computes for documents without the new ids is unchanged, bit for bit. To train the result, use a recipe with
 * `init: { from }`, which also has the loss weights and timestep distributions of its modalities: checkpoints do not.
 *
 * @param path folder of a run (its newest checkpoint), of a checkpoint or of an export
 * @param modalities factories that rebuild the model's modalities, or a registry with them, as in `loadModel`
 * @param added new modalities; one with the name of a modality of the model replaces it, and must have all of its latent
 *   shapes
 * @throws TransfusionError as `loadModel`; `mismatch` if the result would not be an extension of the model
 */
export async function extendModel(
  path: string,
  modalities: ModelModalities,
  added: readonly Modality[],
  { seed = 0, otherCodecs = false }: ExtendModelOptions = {},
): Promise<LoadedModel> {
  const { checkpoint, config, registry, disposeModalities } = await openStoredModel(path, modalities);
  try {
    const isReplaced = (name: string): boolean => added.some((modality) => modality.name === name);
    const kept = registry.modalities.filter(({ name }) => !isReplaced(name));
    const extended = createModalityRegistry(...kept, ...added);
    const { transformer, spanAttention, vocabulary } = config;
    const model = createTransfusion({
      transformer,
      spanAttention,
      modalities: extended,
      vocabulary: createVocabulary(extended, vocabulary),
    });
    checkExtension(checkpoint.path, config, model, otherCodecs);
    const params = await readParams(checkpoint, config, model, createRng(seed).fork('parameters'));
    return loadedModel({ model, params, step: checkpoint.step }, checkpoint.path, disposeModalities);
  } catch (error) {
    disposeModalities();
    throw error;
  }
}

/**
 * Checks that a model has all that a stored one has.
 *
 * @throws TransfusionError `mismatch`, naming the first difference
 */
export function checkExtension(
  path: string,
  stored: ModelConfig,
  { config }: Transfusion,
  otherCodecs: boolean,
): void {
  const difference = extensionDifference(stored, config, otherCodecs);
  if (difference === undefined) return;
  const isCodec = extensionDifference(stored, config, true) === undefined;
  const remedy = isCodec
    ? 'A codec for other latent shapes has another id: if it is the same codec, set otherCodecs'
    : 'Start from a model with the same transformer, whose modalities are all among those of the new one';
  throw new TransfusionError('mismatch', `${path} holds a different model: ${difference}. ${remedy}.`);
}
