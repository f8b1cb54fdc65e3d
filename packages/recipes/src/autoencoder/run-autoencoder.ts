/** Trains an autoencoder as its recipe says. */
import { createDocumentStream, type BatchCursor, type SkippedRecord } from '@transfusion/data';
import {
  autoencoderModel,
  createAutoencoder,
  type AutoencoderModel,
  type AutoencoderModelParams,
} from '@transfusion/modality-image';
import { adamW, warmupCosine } from '@transfusion/nn';
import { train, type StepMetrics, type TrainResult } from '@transfusion/trainer';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import { streamPictureBatches } from './picture-batches.js';
import { reconstructions, type ReconstructionScores } from './reconstructions.js';

/** Where and how it is run. */
export interface AutoencoderRunOptions {
  readonly directory: string;
  readonly stopAt?: number;
  readonly signal?: AbortSignal;
  onStep?(metrics: StepMetrics): void;
  onSkip?(record: SkippedRecord): void;
  onEvaluation?(step: number, scores: ReconstructionScores, path: string): void;
}

/** What is left of a run. */
export interface AutoencoderRunResult extends TrainResult<AutoencoderModelParams> {
  readonly model: AutoencoderModel;
}

/**
 * Trains, on the active engine. With the same directory it goes on where it stopped.
 *
 * @throws TransfusionError as `train` does
 */
export async function runAutoencoder(
  recipe: AutoencoderRecipe,
  options: AutoencoderRunOptions,
): Promise<AutoencoderRunResult> {
  const { optimizer, checkpoints, totalSteps, seed } = recipe;
  const model = autoencoderModel(createAutoencoder(recipe.autoencoder), recipe.loss);
  const callback = await reconstructions(recipe, model.autoencoder, options);
  const result = await train({
    model,
    optimizer: adamW(optimizer),
    lrSchedule: warmupCosine({
      peak: optimizer.learningRate,
      final: optimizer.finalLearningRate,
      warmupSteps: optimizer.warmupSteps,
      totalSteps,
    }),
    totalSteps: options.stopAt ?? totalSteps,
    batches: await openBatches(recipe, model, options),
    seed,
    directory: options.directory,
    microBatches: recipe.batch.microBatches,
    clipNorm: optimizer.clipNorm,
    emaDecay: optimizer.emaDecay,
    checkpointEvery: checkpoints.every,
    keepCheckpoints: checkpoints.keep,
    description: describeAutoencoderRun(recipe),
    callbacks: callback === undefined ? [] : [callback],
    onStep: options.onStep,
    signal: options.signal,
  });
  return { ...result, model };
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
