import { TransfusionError } from '@transfusion/errors';
import { findFactory } from './find-factory.js';
import type { Modality } from './modality.js';
import type { AssetReader, PluginConfig } from './plugin-config.js';

/** Rebuilds the modalities of one type from a checkpoint. */
export interface ModalityFactory {
  /** Equal to `config.type` of the modalities that it rebuilds. */
  readonly type: string;
  /** Rebuilds a modality; rejects, naming the modality, if the config or files are not of this type. */
  create(config: PluginConfig, assets: AssetReader, name: string): Promise<Modality>;
}

/** A modality in a checkpoint, without its files. */
export interface StoredModality {
  readonly name: string;
  /** Absent, or `null` in JSON, for a modality without a config. */
  readonly config?: PluginConfig | null;
}

/**
 * Rebuilds a modality from a checkpoint.
 *
 * @throws TransfusionError `mismatch` if the modality has no config, or its factory returns a modality with a different
 *   name; `not-found` if there is no factory of its type
 */
export async function createModality(
  { name, config }: StoredModality,
  factories: readonly ModalityFactory[],
  assets: AssetReader,
): Promise<Modality> {
  if (config == null) {
    throw new TransfusionError(
      'mismatch',
      `The modality '${name}' cannot be rebuilt from a checkpoint: it has no config. ` +
        'Open the run with its recipe (--recipe).',
    );
  }
  const { type } = config;
  const factory = findFactory(factories, type, {
    part: `The modality '${name}'`,
    takesFactories: 'loadModel',
  });
  const modality = await factory.create(config, assets, name);
  if (modality.name !== name) {
    throw new TransfusionError(
      'mismatch',
      `The factory of the type '${type}' returned the modality '${modality.name}', expected '${name}'. ` +
        'Use the name that create() is called with.',
    );
  }
  return modality;
}
