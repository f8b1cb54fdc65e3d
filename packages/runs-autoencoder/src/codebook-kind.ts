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
import type { Revision } from '@transfusion/trainer';
import type { AutoencoderKind } from './autoencoder-kind.js';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import { streamImageBatches } from './image-batches.js';

/** Number of revivals in a run, and the share of its steps after which there are no more. */
const [NUM_REVIVALS, LAST_REVIVAL] = [20, 0.75];

/** Vectors measured for each entry of the codebook, enough to tell whether it is used. */
const VECTORS_PER_CODE = 10;

const REVIVAL_BATCH = 16;

/**
 * Makes the kind with a codebook, whose unused entries are revived while it learns; `readVqAutoencoder` reads what it
 * writes.
 */
export function codebookKind(
  recipe: AutoencoderRecipe,
  config: VqAutoencoderConfig,
): AutoencoderKind<VqAutoencoderParams> {
  const autoencoder = createVqAutoencoder(config);
  return {
    bottleneck: codebookBottleneck(autoencoder, recipe.loss),
    revision: codeRevision(recipe, autoencoder),
    write: (folder, params) => writeVqAutoencoder(folder, { autoencoder, params }),
  };
}

function codeRevision(
  recipe: AutoencoderRecipe,
  autoencoder: VqAutoencoder,
): Revision<AutoencoderModelParams<VqAutoencoderParams>> {
  const lastStep = recipe.totalSteps * LAST_REVIVAL;
  return {
    every: Math.max(1, Math.floor(lastStep / NUM_REVIVALS)),
    run: async ({ autoencoder: params }, step) => {
      if (step > lastStep) return (all) => all;
      const usage = await measureCodeUsage(autoencoder, params, await imagesAt(recipe, autoencoder, step));
      const revivals = sampleRevivals(usage, createRng(recipe.seed).fork('revivals').fork(step));
      return (all) => ({
        ...all,
        autoencoder: { ...all.autoencoder, codebook: reviveCodes(all.autoencoder.codebook, revivals) },
      });
    },
  };
}

/** Reads training images enough to tell which entries are used, others at each step. */
async function imagesAt(
  { sources, seed, imageSize, augment }: AutoencoderRecipe,
  { factor, config }: VqAutoencoder,
  step: number,
): Promise<readonly AutoencoderArrays[]> {
  const vectors = (imageSize[0] / factor) * (imageSize[1] / factor) * REVIVAL_BATCH;
  const numBatches = Math.ceil((VECTORS_PER_CODE * config.codebookSize) / vectors);
  const stream = createDocumentStream(await sources(), seed + step);
  const options = { imageSize, numImages: REVIVAL_BATCH, noiseSize: 0, augment };
  const batches: AutoencoderArrays[] = [];
  for await (const { batch } of streamImageBatches(stream, options)) {
    batches.push(batch);
    if (batches.length >= numBatches) break;
  }
  return batches;
}
