import { createDocumentStream } from '@transfusion/data';
import {
  codebookBottleneck,
  createVqAutoencoder,
  measureCodeUsage,
  reviveCodes,
  sampleRevivals,
  writeVqAutoencoder,
  type AutoencoderArrays,
  type AutoencoderModelParams,
  type VqAutoencoder,
  type VqAutoencoderConfig,
  type VqAutoencoderParams,
} from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import type { PeriodicParamUpdate } from '@transfusion/trainer';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import type { AutoencoderVariant } from './autoencoder-variant.js';
import { streamImageBatches } from './image-batches.js';

/** Number of revivals in a run, and the fraction of its steps after which there are no more. */
const [NUM_REVIVALS, LAST_REVIVAL_FRACTION] = [20, 0.75];

/** Number of encoded vectors per codebook entry, enough to tell unused entries from used ones. */
const VECTORS_PER_CODE = 10;

const BATCH_SIZE = 16;

/**
 * Creates the variant with a codebook, whose unused entries are revived during training. It writes weights for
 * `readVqAutoencoder`.
 */
export function codebookVariant(
  recipe: AutoencoderRecipe,
  config: VqAutoencoderConfig,
): AutoencoderVariant<VqAutoencoderParams> {
  const autoencoder = createVqAutoencoder(config);
  return {
    bottleneck: codebookBottleneck(autoencoder, recipe.loss),
    paramUpdate: codeRevival(recipe, autoencoder),
    writeAutoencoder: (folder, params) => writeVqAutoencoder(folder, { autoencoder, params }),
  };
}

function codeRevival(
  recipe: AutoencoderRecipe,
  autoencoder: VqAutoencoder,
): PeriodicParamUpdate<AutoencoderModelParams<VqAutoencoderParams>> {
  const lastStep = recipe.totalSteps * LAST_REVIVAL_FRACTION;
  return {
    every: Math.max(1, Math.floor(lastStep / NUM_REVIVALS)),
    run: async ({ autoencoder: params }, step) => {
      if (step > lastStep) return (modelParams) => modelParams;
      const usage = await measureCodeUsage(
        autoencoder,
        params,
        await readTrainingImages(recipe, autoencoder, step),
      );
      const revivals = sampleRevivals(usage, createRng(recipe.seed).fork('revivals').fork(step));
      return (modelParams) => ({
        ...modelParams,
        autoencoder: {
          ...modelParams.autoencoder,
          codebook: reviveCodes(modelParams.autoencoder.codebook, revivals),
        },
      });
    },
  };
}

/** Reads enough training images to tell which entries are used; different ones at each step. */
async function readTrainingImages(
  { sources, seed, imageSize, augment }: AutoencoderRecipe,
  { factor, config }: VqAutoencoder,
  step: number,
): Promise<readonly AutoencoderArrays[]> {
  const vectors = (imageSize[0] / factor) * (imageSize[1] / factor) * BATCH_SIZE;
  const numBatches = Math.ceil((VECTORS_PER_CODE * config.codebookSize) / vectors);
  const stream = createDocumentStream(await sources(), seed + step);
  const options = { imageSize, numImages: BATCH_SIZE, noiseLength: 0, augment };
  const batches: AutoencoderArrays[] = [];
  for await (const { batch } of streamImageBatches(stream, options)) {
    batches.push(batch);
    if (batches.length >= numBatches) break;
  }
  return batches;
}
