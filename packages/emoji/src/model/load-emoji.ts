import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { imageFactory } from '@transfusion/modality-image';
import { textFactory } from '@transfusion/modality-text';
import { loadModel, type LoadedModel } from '@transfusion/runs';

/** The package's folder, from its source as from its build. */
const packageFolder = dirname(createRequire(import.meta.url).resolve('@transfusion/emoji/package.json'));

/** Folder of the shipped model, for functions that take the folder of a run. */
export const emojiModelFolder = join(packageFolder, 'weights', 'model');

/** The styles that the shipped model was trained on, as captions name them: `red apple, noto`. */
export const emojiStyles = ['noto', 'fluent', 'twemoji', 'fluent-3d'] as const;

/**
 * Loads the shipped model, with its autoencoder, on the active engine (see `selectEngine`).
 *
 * @throws TransfusionError `invalid-file` if the weights are damaged
 */
export function loadEmoji(): Promise<LoadedModel> {
  return loadModel(emojiModelFolder, [textFactory(), imageFactory()]);
}
