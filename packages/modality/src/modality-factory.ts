import { TransfusionError } from '@transfusion/errors';
import { findFactory } from './find-factory.js';
import type { Modality } from './modality.js';
import type { AssetReader, PluginConfig } from './plugin-config.js';

/** Rebuilds the modalities of one type from what a checkpoint holds of them. */
export interface ModalityFactory {
  /** Equal to `config.type` of the modalities that it rebuilds. */
  readonly type: string;
  /** Rejects, with a message that names the modality, for a config or files that are no such modality's. */
  create(config: PluginConfig, assets: AssetReader, name: string): Promise<Modality>;
}

/** A modality as a checkpoint holds it, its files aside. */
export interface StoredModality {
  readonly name: string;
  /** Absent, or `null` in JSON, for a modality that has no config. */
  readonly config?: PluginConfig | null;
}

/**
 * Rebuilds a modality that a checkpoint holds.
 *
 * @throws TransfusionError `mismatch` if the modality has no config, or its factory makes something else than what
 *   was asked for; `not-found` if there is no factory of its type
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
      `The factory of the type '${type}' made the modality '${modality.name}', expected '${name}'. ` +
        'Make create() use the name that it is called with.',
    );
  }
  return modality;
}
