import { TransfusionError } from '@transfusion/errors';
import { findFactory } from './find-factory.js';
import type { AssetReader, PluginConfig } from './plugin-config.js';

/** Rebuilds parts of modalities (codecs, adapters, noise schedulers) of one type from their configs. */
export interface PartFactory<Part> {
  /** Equal to `config.type` of the parts that it rebuilds. */
  readonly type: string;
  /** Rebuilds a part; throws or rejects if the config or files are not of this type. */
  create(config: PluginConfig, assets: AssetReader): Part | Promise<Part>;
}

/**
 * Rebuilds a part of a modality, for the `create` of a `ModalityFactory`.
 *
 * @param context the part (`The codec of 'image'`) and the function that takes factories of such parts
 *   (`imageFactory`), for messages
 * @throws TransfusionError `invalid-file` if the config has no type, `not-found` if there is no factory of its type, and
 *   whatever the factory throws
 */
export async function createPart<Part>(
  config: unknown,
  factories: readonly PartFactory<Part>[],
  assets: AssetReader,
  context: { readonly part: string; readonly takesFactories: string },
): Promise<Part> {
  const type = (config as Partial<PluginConfig> | null | undefined)?.type;
  if (typeof type !== 'string') {
    throw new TransfusionError(
      'invalid-file',
      `${context.part} has the config ${JSON.stringify(config)}, expected one with a type. ` +
        'Use a different checkpoint, or open the run with its recipe (--recipe).',
    );
  }
  return findFactory(factories, type, context).create(config as PluginConfig, assets);
}
