/** Trains an autoencoder as its recipe says. */
import { join } from 'node:path';
import { createDocumentStream, type BatchCursor } from '@transfusion/data';
import {
  autoencoderModel,
  createAutoencoder,
  writeAutoencoder,
  type AutoencoderModel,
  type AutoencoderModelParams,
} from '@transfusion/modality-image';
import { train, type TrainResult } from '@transfusion/trainer';
import { stepsBefore, trainSettings, type RunSettings } from '../run-settings.js';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import { measureLatentStatistics } from './latent-statistics.js';
import { streamPictureBatches } from './picture-batches.js';
import { reconstructions, type ReconstructionScores } from './reconstructions.js';

/** What happens in a run besides its steps. */
export type AutoencoderRunEvent =
  /** Training begins, after `step` steps of an earlier run. */
  | { readonly type: 'start'; readonly step: number; readonly model: AutoencoderModel }
  /** Held-out pictures were reconstructed; `path` shows some of them, originals to the left. */
  | {
      readonly type: 'reconstructions';
      readonly step: number;
      readonly scores: ReconstructionScores;
      readonly path: string;
    };

/** Where and how a recipe is run. */
export interface AutoencoderRunOptions extends RunSettings {
  onEvent?(event: AutoencoderRunEvent): void;
}

/** What is left of a run. */
export interface AutoencoderRunResult extends TrainResult<AutoencoderModelParams> {
  readonly model: AutoencoderModel;
  /** The folder for `readAutoencoder`, with the running mean of the weights; absent if it was interrupted. */
  readonly autoencoder?: string;
}

/** Training pictures whose latents are measured. */
const STATISTICS_IMAGES = 1024;

/**
 * Trains as the recipe says, on the active engine. With the same directory it goes on where it stopped. At
 * the end the autoencoder is written into the folder `autoencoder` of the directory.
 *
 * @throws TransfusionError as `train` does
 */
export async function runAutoencoder(
  recipe: AutoencoderRecipe,
  options: AutoencoderRunOptions,
): Promise<AutoencoderRunResult> {
  const model = autoencoderModel(createAutoencoder(recipe.autoencoder), recipe.loss);
  const callback = await reconstructions(recipe, model.autoencoder, options.onEvent);
  options.onEvent?.({ type: 'start', step: await stepsBefore(options.directory), model });
  const result = await train({
    ...trainSettings(recipe, options),
    model,
    batches: await openBatches(recipe, model, options),
    description: describeAutoencoderRun(recipe),
    callbacks: callback === undefined ? [] : [callback],
  });
  if (result.interrupted) return { ...result, model };
  const { autoencoder } = model;
  const params = result.ema.autoencoder;
  const statistics = await measureLatentStatistics(recipe, autoencoder, params, STATISTICS_IMAGES);
  const folder = join(options.directory, 'autoencoder');
  await writeAutoencoder(folder, { autoencoder, params, statistics });
  return { ...result, model, autoencoder: folder };
}

/** All that the parameters' shapes depend on; written into checkpoints. */
export function describeAutoencoderRun({ name, seed, autoencoder, loss }: AutoencoderRecipe): object {
  return { recipe: name, seed, autoencoder, discriminator: loss.discriminator?.channels ?? null };
}

async function openBatches(
  { sources, seed, imageSize, batch, augment, autoencoder, adversarial }: AutoencoderRecipe,
  model: AutoencoderModel,
  { onSkip }: AutoencoderRunOptions,
) {
  const stream = createDocumentStream(await sources(), seed);
  const [height, width] = imageSize.map((side) => side / model.autoencoder.factor);
  const latentSize = height * width * autoencoder.latentChannels;
  const options = { imageSize, numImages: batch.numImages, latentSize, augment, onSkip };
  return async function* (from?: BatchCursor) {
    for await (const { batch: arrays, next } of streamPictureBatches(stream, options, from)) {
      // The place in the data tells how many steps went before, also after a resume.
      const step = Math.floor(next.position / (batch.numImages * batch.microBatches));
      const isJudged = adversarial !== undefined && step > adversarial.fromStep;
      yield { batch: isJudged ? { ...arrays, adversarialWeight: adversarial.weight } : arrays, next };
    }
  };
}
