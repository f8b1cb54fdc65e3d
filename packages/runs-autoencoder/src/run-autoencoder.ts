/** Trains an autoencoder (Gaussian or VQ) and exports its EMA weights. */
import { join } from 'node:path';
import { createDocumentStream, type BatchCursor } from '@transfusion/data';
import {
  autoencoderModel,
  hasCodebook,
  type AutoencoderArrays,
  type AutoencoderModelParams,
  type AutoencoderParams,
} from '@transfusion/modality-image';
import { oncePerRecord, readStartStep, trainSettings, type RunSettings } from '@transfusion/runs';
import { train, withDirectoryLock, type DirectoryLock, type TrainResult } from '@transfusion/trainer';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import type { AutoencoderVariant } from './autoencoder-variant.js';
import { codebookVariant } from './codebook-variant.js';
import { gaussianVariant } from './gaussian-variant.js';
import { streamImageBatches } from './image-batches.js';
import { reconstructionCallback } from './reconstruction-callback.js';
import type { AutoencoderRunEvent } from './run-event.js';

/** Options of {@link runAutoencoder}. */
export interface AutoencoderRunOptions extends RunSettings {
  onEvent?(event: AutoencoderRunEvent): void;
}

/** Result of {@link runAutoencoder}. */
export interface AutoencoderRunResult extends TrainResult<AutoencoderModelParams> {
  /**
   * Folder with the trained autoencoder (EMA weights), for `readAutoencoder` or `readVqAutoencoder`; absent if the run
   * was interrupted.
   */
  readonly autoencoderPath?: string;
}

/**
 * Trains the autoencoder of a recipe on the active engine. If `directory` already holds a run, resumes it. Writes the
 * trained autoencoder to `<directory>/autoencoder`.
 *
 * @throws TransfusionError as `train` does
 */
export function runAutoencoder(
  recipe: AutoencoderRecipe,
  runOptions: AutoencoderRunOptions,
): Promise<AutoencoderRunResult> {
  const onSkip = runOptions.onSkip && oncePerRecord(runOptions.onSkip);
  const options = { ...runOptions, onSkip };
  // Before data is prepared, which may take long.
  return withDirectoryLock(options.directory, async (lock) => {
    const openedRecipe = await withOpenedSources(recipe, options);
    return hasCodebook(openedRecipe.autoencoder)
      ? runVariant(codebookVariant(openedRecipe, openedRecipe.autoencoder), openedRecipe, options, lock)
      : runVariant(gaussianVariant(openedRecipe), openedRecipe, options, lock);
  });
}

/** Opens the sources once: training, latent statistics and code revival all read them. */
async function withOpenedSources(
  recipe: AutoencoderRecipe,
  { signal }: AutoencoderRunOptions,
): Promise<AutoencoderRecipe> {
  const sources = await recipe.sources({ signal });
  const validation = recipe.evaluation && (await recipe.validation?.({ signal }));
  return { ...recipe, sources: () => sources, validation: validation && (() => validation) };
}

async function runVariant<P extends AutoencoderParams>(
  { bottleneck, paramUpdate, writeAutoencoder }: AutoencoderVariant<P>,
  recipe: AutoencoderRecipe,
  options: AutoencoderRunOptions,
  lock: DirectoryLock,
): Promise<AutoencoderRunResult> {
  const callback = await reconstructionCallback(recipe, bottleneck, options.onEvent);
  const startStep = await readStartStep(options);
  options.onEvent?.({ type: 'start', step: startStep, autoencoder: bottleneck.autoencoder });
  try {
    const result = await train({
      ...trainSettings(recipe, options),
      lock,
      model: autoencoderModel(bottleneck, recipe.loss),
      batches: await openBatches(recipe, bottleneck, options),
      description: { recipe: recipe.name, seed: recipe.seed },
      paramUpdate,
      callbacks: callback === undefined ? [] : [callback],
    });
    if (result.interrupted) return result;
    const autoencoderPath = join(options.directory, 'autoencoder');
    await writeAutoencoder(autoencoderPath, result.ema.autoencoder);
    return { ...result, autoencoderPath };
  } finally {
    callback?.dispose();
  }
}

/** Streams batches, starting at the cursor after `startStep` steps. */
type Batches = (
  cursor: BatchCursor | undefined,
  startStep: number,
) => AsyncGenerator<{ readonly batch: AutoencoderArrays; readonly next: BatchCursor }>;

async function openBatches<P extends AutoencoderParams>(
  { sources, seed, imageSize, batch, augment, adversarial }: AutoencoderRecipe,
  { autoencoder: { factor: downsamplingFactor }, noiseChannels }: AutoencoderVariant<P>['bottleneck'],
  { onSkip }: AutoencoderRunOptions,
): Promise<Batches> {
  const stream = createDocumentStream(await sources(), seed);
  const [latentHeight, latentWidth] = imageSize.map((side) => side / downsamplingFactor);
  const noiseLength = latentHeight * latentWidth * noiseChannels;
  const options = { imageSize, numImages: batch.numImages, noiseLength, augment, onSkip };
  return async function* (cursor, startStep) {
    const firstAdversarialMicroBatch =
      adversarial === undefined ? Infinity : adversarial.startStep * batch.microBatches;
    let microBatch = startStep * batch.microBatches;
    for await (const { batch: arrays, next } of streamImageBatches(stream, options, cursor)) {
      const adversarialWeight = microBatch >= firstAdversarialMicroBatch ? adversarial?.weight : undefined;
      yield { batch: { ...arrays, adversarialWeight }, next };
      microBatch++;
    }
  };
}
