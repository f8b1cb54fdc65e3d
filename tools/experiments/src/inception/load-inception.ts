/**
 * InceptionV3 (Szegedy et al. 2015) with the weights that the npm package of nsfwjs 4.4.0 (MIT) holds:
 * ImageNet's, fine-tuned to classify drawings, photographs and pornography, and rounded to 8 bits.
 */
import * as tf from '@tensorflow/tfjs';
import { InceptionV3Model } from 'nsfwjs/models/inception_v3';

/** The classes of the classifier's five outputs. */
export const INCEPTION_CLASSES = ['drawing', 'hentai', 'neutral', 'porn', 'sexy'] as const;

/** Side of its input images. */
export const INCEPTION_SIDE = 299;

/** Loads the whole network: images [N, 299, 299, 3] from 0 to 1 -> shares of {@link INCEPTION_CLASSES}, [N, 5]. */
export async function loadInception(): Promise<tf.LayersModel> {
  const { modelTopology, weightsManifest } = (await InceptionV3Model.modelJson()).default;
  const shards = await Promise.all(InceptionV3Model.weightBundles.map((load) => load()));
  const weights = Buffer.concat(shards.map((shard) => Buffer.from(shard.default, 'base64')));
  return tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest.flatMap((group) => group.weights),
      weightData: new Uint8Array(weights).buffer,
    }),
  );
}
