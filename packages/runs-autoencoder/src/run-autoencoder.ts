/** Training run of an autoencoder: data, kind of latent, loop, and the folder that is written at its end. */
import { join } from 'node:path';
import { createDocumentStream, type BatchCursor } from '@transfusion/data';
import {
  autoencoderModel,
  hasCodebook,
  type AutoencoderModelParams,
  type AutoencoderParams,
} from '@transfusion/modality-image';
import { stepsBefore, trainSettings, type RunSettings } from '@transfusion/runs';
import { train, withDirectoryLock, type DirectoryLock, type TrainResult } from '@transfusion/trainer';
import type { AutoencoderKind } from './autoencoder-kind.js';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import { codebookKind } from './codebook-kind.js';
import { gaussianKind } from './gaussian-kind.js';
import { streamImageBatches } from './image-batches.js';
import { reconstructions } from './reconstructions.js';
import type { AutoencoderRunEvent } from './run-event.js';

/** Directory of a run, and its callbacks. */
export interface AutoencoderRunOptions extends RunSettings {
  onEvent?(event: AutoencoderRunEvent): void;
}

/** Result of a run. */
export interface AutoencoderRunResult extends TrainResult<AutoencoderModelParams> {
  /**
   * The folder for `readAutoencoder`, or for `readVqAutoencoder`, with the EMA of the weights; absent if the run was
   * interrupted.
   */
  readonly autoencoder?: string;
}

/**
 * Trains the autoencoder of a recipe on the active engine. With the same directory it resumes the run that is there. At
 * the end the autoencoder is written into the folder `autoencoder` of the directory.
 *
 * @throws TransfusionError as `train` does
 */
export function runAutoencoder(
  recipe: AutoencoderRecipe,
  options: AutoencoderRunOptions,
): Promise<AutoencoderRunResult> {
  // Before data is prepared, which may take long.
  return withDirectoryLock(options.directory, async (lock) => {
    const opened = await openData(recipe, options);
    return hasCodebook(opened.autoencoder)
      ? run(codebookKind(opened, opened.autoencoder), opened, options, lock)
      : run(gaussianKind(opened), opened, options, lock);
  });
}

/** Opens the data of a recipe once, for all that read it. */
async function openData(
  recipe: AutoencoderRecipe,
  { signal }: AutoencoderRunOptions,
): Promise<AutoencoderRecipe> {
  const sources = await recipe.sources({ signal });
  const validation = recipe.evaluation && (await recipe.validation?.({ signal }));
  return { ...recipe, sources: () => sources, validation: validation && (() => validation) };
}

async function run<P extends AutoencoderParams>(
  { bottleneck, revision, write }: AutoencoderKind<P>,
  recipe: AutoencoderRecipe,
  options: AutoencoderRunOptions,
  lock: DirectoryLock,
): Promise<AutoencoderRunResult> {
  const callback = await reconstructions(recipe, bottleneck, options.onEvent);
  const step = await stepsBefore(options);
  options.onEvent?.({ type: 'start', step, networks: bottleneck.autoencoder });
  try {
    const result = await train({
      ...trainSettings(recipe, options),
      lock,
      model: autoencoderModel(bottleneck, recipe.loss),
      batches: await openBatches(recipe, bottleneck, options),
      description: { recipe: recipe.name, seed: recipe.seed },
      revision,
      callbacks: callback === undefined ? [] : [callback],
    });
    if (result.interrupted) return result;
    const folder = join(options.directory, 'autoencoder');
    await write(folder, result.ema.autoencoder);
    return { ...result, autoencoder: folder };
  } finally {
    callback?.dispose();
  }
}

async function openBatches<P extends AutoencoderParams>(
  { sources, seed, imageSize, batch, augment, adversarial }: AutoencoderRecipe,
  { autoencoder: { factor }, noiseChannels }: AutoencoderKind<P>['bottleneck'],
  { onSkip }: AutoencoderRunOptions,
) {
  const stream = createDocumentStream(await sources(), seed);
  const noiseSize = (imageSize[0] / factor) * (imageSize[1] / factor) * noiseChannels;
  const options = { imageSize, numImages: batch.numImages, noiseSize, augment, onSkip };
  return async function* (cursor: BatchCursor | undefined, stepsDone: number) {
    const firstJudged = adversarial === undefined ? Infinity : adversarial.fromStep * batch.microBatches;
    let count = stepsDone * batch.microBatches;
    for await (const { batch: arrays, next } of streamImageBatches(stream, options, cursor)) {
      const adversarialWeight = count >= firstJudged ? adversarial?.weight : undefined;
      yield { batch: { ...arrays, adversarialWeight }, next };
      count++;
    }
  };
}
