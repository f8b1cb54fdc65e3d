/** The two kinds of autoencoders as a run needs them: with a Gaussian latent, and with a codebook. */
import type * as tf from '@tensorflow/tfjs';
import { createDocumentStream } from '@transfusion/data';
import {
  autoencoderModel,
  createAutoencoder,
  createVqAutoencoder,
  sampleRevivals,
  lookUpCodes,
  measureCodeUsage,
  nearestCodes,
  reviveCodes,
  vqAutoencoderModel,
  writeAutoencoder,
  writeVqAutoencoder,
  type AutoencoderArrays,
  type AutoencoderBatch,
  type Autoencoder,
  type AutoencoderModelParams,
  type VqAutoencoder,
  type VqAutoencoderBatch,
  type VqAutoencoderConfig,
  type VqAutoencoderModelParams,
} from '@transfusion/modality-image';
import { createRng, type Params } from '@transfusion/nn';
import type { Revision, TrainableModel } from '@transfusion/trainer';
import type { AutoencoderRecipe } from './autoencoder-recipe.js';
import { measureLatentStatistics } from './latent-statistics.js';
import { streamImageBatches } from './image-batches.js';

/** What a run trains, logs and leaves. */
export interface AutoencoderKind<P extends Params, Batch extends object> {
  readonly model: TrainableModel<P, AutoencoderArrays, Batch>;
  readonly networks: Pick<Autoencoder, 'factor' | 'flops'>;
  /** What comes back of images [N, h, w, 3]. */
  reconstruct(params: P, images: tf.Tensor4D): tf.Tensor4D;
  readonly revision?: Revision<P>;
  /** Writes the folder that `readAutoencoder` or `readVqAutoencoder` reads. */
  write(folder: string, params: P): Promise<void>;
}

/** Training images whose latents are measured. */
const STATISTICS_IMAGES = 1024;

/** Unused entries of a codebook are brought back about so many times in a run, the last time well before its end. */
const [NUM_REVIVALS, LAST_REVIVAL] = [20, 0.75];

/** Vectors for each entry from which it is told whether it is used. */
const VECTORS_PER_CODE = 10;

const REVIVAL_BATCH = 16;

/** The autoencoder whose latents are Gaussian; at the end their statistics are measured. */
export function gaussianKind(
  recipe: AutoencoderRecipe,
): AutoencoderKind<AutoencoderModelParams, AutoencoderBatch> {
  const autoencoder = createAutoencoder(recipe.autoencoder);
  return {
    model: autoencoderModel(autoencoder, recipe.loss),
    networks: autoencoder,
    reconstruct: ({ autoencoder: params }, images) =>
      autoencoder.decode(params, autoencoder.encode(params, images).mean),
    write: async (folder, { autoencoder: params }) => {
      const statistics = await measureLatentStatistics(recipe, autoencoder, params, STATISTICS_IMAGES);
      await writeAutoencoder(folder, { autoencoder, params, statistics });
    },
  };
}

/** The autoencoder with a codebook, whose unused entries are brought back while it learns. */
export function codebookKind(
  recipe: AutoencoderRecipe,
  config: VqAutoencoderConfig,
): AutoencoderKind<VqAutoencoderModelParams, VqAutoencoderBatch> {
  const autoencoder = createVqAutoencoder(config);
  return {
    model: vqAutoencoderModel(autoencoder, recipe.loss),
    networks: autoencoder,
    reconstruct: ({ autoencoder: params }, images) => {
      const ids = nearestCodes(params.codebook, autoencoder.encode(params, images));
      return autoencoder.decode(params, lookUpCodes(params.codebook, ids) as tf.Tensor4D);
    },
    revision: {
      every: Math.max(1, Math.floor((recipe.totalSteps * LAST_REVIVAL) / NUM_REVIVALS)),
      run: async ({ autoencoder: params }, step) => {
        if (step > recipe.totalSteps * LAST_REVIVAL) return (all) => all;
        const usage = await measureCodeUsage(autoencoder, params, await imagesAt(recipe, autoencoder, step));
        const revivals = sampleRevivals(usage, createRng(recipe.seed).fork('revivals').fork(step));
        return (all) => ({
          ...all,
          autoencoder: { ...all.autoencoder, codebook: reviveCodes(all.autoencoder.codebook, revivals) },
        });
      },
    },
    write: (folder, { autoencoder: params }) => writeVqAutoencoder(folder, { autoencoder, params }),
  };
}

/** Training images enough to tell which entries are used, others at each step. */
async function imagesAt(
  { sources, seed, imageSize, augment }: AutoencoderRecipe,
  { factor, config }: VqAutoencoder,
  step: number,
): Promise<readonly AutoencoderArrays[]> {
  const vectors = (imageSize[0] / factor) * (imageSize[1] / factor) * REVIVAL_BATCH;
  const numBatches = Math.ceil((VECTORS_PER_CODE * config.codebookSize) / vectors);
  const stream = createDocumentStream(await sources(), seed + step);
  const options = { imageSize, numImages: REVIVAL_BATCH, latentSize: 0, augment };
  const batches: AutoencoderArrays[] = [];
  for await (const { batch } of streamImageBatches(stream, options)) {
    batches.push(batch);
    if (batches.length >= numBatches) break;
  }
  return batches;
}
