import type { ModelConfig } from '@transfusion/core';
import {
  createModality,
  createModalityRegistry,
  type AssetReader,
  type Modality,
  type ModalityFactory,
  type ModalityRegistry,
} from '@transfusion/modality';
import { openCheckpoint, type Checkpoint } from '@transfusion/trainer';
import { findCheckpoint } from './find-checkpoint.js';
import { storedModelConfig } from './stored-model-config.js';

/** Factories that rebuild a model's modalities from its checkpoint; or the modalities themselves, such as a recipe's. */
export type ModelModalities = readonly ModalityFactory[] | ModalityRegistry;

/** A model as it is stored, and its modalities. */
export interface StoredModel {
  readonly checkpoint: Checkpoint;
  readonly config: ModelConfig;
  readonly registry: ModalityRegistry;
  /** Frees the weights of modalities that factories created. */
  disposeModalities(): void;
}

/**
 * Opens the folder of a run (its newest checkpoint), of a checkpoint or of an export.
 *
 * @throws TransfusionError `not-found` if there is no checkpoint, or no factory for a modality; `invalid-file` if
 *   `checkpoint.json` is damaged; `mismatch` if a modality has no config
 */
export async function openStoredModel(path: string, modalities: ModelModalities): Promise<StoredModel> {
  const checkpoint = await openCheckpoint(await findCheckpoint(path));
  const config = storedModelConfig(checkpoint);
  if (isRegistry(modalities)) {
    return { checkpoint, config, registry: modalities, disposeModalities: () => undefined };
  }
  const rebuilt = await rebuildModalities(checkpoint, config, modalities);
  const disposeModalities = (): void => rebuilt.forEach((modality) => modality.dispose?.());
  try {
    return { checkpoint, config, registry: createModalityRegistry(...rebuilt), disposeModalities };
  } catch (error) {
    disposeModalities();
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

function isRegistry(modalities: ModelModalities): modalities is ModalityRegistry {
  return !Array.isArray(modalities);
}
