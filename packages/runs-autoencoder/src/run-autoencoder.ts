/** Trains an autoencoder as its recipe says. */
import { join } from 'node:path';
import { createDocumentStream, type BatchCursor } from '@transfusion/data';
import {
  hasCodebook,
  type Autoencoder,
  type AutoencoderModelParams,
  type VqAutoencoderModelParams,
} from '@transfusion/modality-image';
import type { Params } from '@transfusion/nn';
import { train, type TrainResult } from '@transfusion/trainer';
import { stepsBefore, trainSettings, type RunSettings } from '@transfusion/runs';
import { codebookKind, gaussianKind, type AutoencoderKind } from './autoencoder-kind.js';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import { streamImageBatches } from './image-batches.js';
import { reconstructions, type ReconstructionScores } from './reconstructions.js';

/** What happens in a run besides its steps. */
export type AutoencoderRunEvent =
  /** Training begins, after `step` steps of an earlier run. */
  | {
      readonly type: 'start';
      readonly step: number;
      readonly networks: Pick<Autoencoder, 'factor' | 'flops'>;
    }
  /** Validation images were reconstructed; `path` shows some of them, originals to the left. */
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
export interface AutoencoderRunResult extends TrainResult<AutoencoderModelParams | VqAutoencoderModelParams> {
  /**
   * The folder for `readAutoencoder`, or for `readVqAutoencoder`, with the EMA of the weights; absent if
   * the run was interrupted.
   */
  readonly autoencoder?: string;
}

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
  const opened = await openData(recipe, options);
  return hasCodebook(opened.autoencoder)
    ? run(codebookKind(opened, opened.autoencoder), opened, options)
    : run(gaussianKind(opened), opened, options);
}

/** The recipe with its data opened, which a run reads in several places. */
async function openData(
  recipe: AutoencoderRecipe,
  { signal }: AutoencoderRunOptions,
): Promise<AutoencoderRecipe> {
  const sources = await recipe.sources({ signal });
  const validation = recipe.evaluation && (await recipe.validation?.({ signal }));
  return { ...recipe, sources: () => sources, validation: validation && (() => validation) };
}

async function run<P extends Params, Batch extends object>(
  kind: AutoencoderKind<P, Batch>,
  recipe: AutoencoderRecipe,
  options: AutoencoderRunOptions,
): Promise<TrainResult<P> & { readonly autoencoder?: string }> {
  const { model, networks, revision } = kind;
  const callback = await reconstructions(recipe, kind, options.onEvent);
  options.onEvent?.({ type: 'start', step: await stepsBefore(options.directory), networks });
  try {
    const result = await train({
      ...trainSettings(recipe, options),
      model,
      batches: await openBatches(recipe, networks.factor, options),
      description: describeAutoencoderRun(recipe),
      revision,
      callbacks: callback === undefined ? [] : [callback],
    });
    if (result.interrupted) return result;
    const folder = join(options.directory, 'autoencoder');
    await kind.write(folder, result.ema);
    return { ...result, autoencoder: folder };
  } finally {
    callback?.dispose();
  }
}

/** All that the parameters' shapes depend on; written into checkpoints. */
function describeAutoencoderRun({ name, seed, autoencoder, loss }: AutoencoderRecipe): object {
  return { recipe: name, seed, autoencoder, discriminator: loss.discriminator?.channels ?? null };
}

async function openBatches(
  { sources, seed, imageSize, batch, augment, autoencoder, adversarial }: AutoencoderRecipe,
  factor: number,
  { onSkip }: AutoencoderRunOptions,
) {
  const stream = createDocumentStream(await sources(), seed);
  const [height, width] = imageSize.map((side) => side / factor);
  const latentSize = hasCodebook(autoencoder) ? 0 : height * width * autoencoder.latentChannels;
  const options = { imageSize, numImages: batch.numImages, latentSize, augment, onSkip };
  return async function* (from: BatchCursor | undefined, stepsDone: number) {
    const firstJudged = adversarial === undefined ? Infinity : adversarial.fromStep * batch.microBatches;
    let count = stepsDone * batch.microBatches;
    for await (const { batch: arrays, next } of streamImageBatches(stream, options, from)) {
      const adversarialWeight = count >= firstJudged ? adversarial?.weight : undefined;
      yield { batch: { ...arrays, adversarialWeight }, next };
      count++;
    }
  };
}
