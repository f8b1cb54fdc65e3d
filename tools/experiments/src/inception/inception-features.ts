/**
 * Features of images for Fréchet distances: of InceptionV3, averaged over the image.
 *
 * The weights are fine-tuned and rounded to 8 bits (`load-inception.ts`), so that distances are consistent
 * among themselves and NOT comparable to published FID. A report names the network that made its numbers:
 * {@link INCEPTION_NAME}.
 */
import * as tf from '@tensorflow/tfjs';
import type { ImageFeatureExtractor } from '@transfusion/evaluators';
import { resizeImage, type RgbImage } from '@transfusion/modality-image';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { INCEPTION_SIDE, loadInception } from './load-inception.js';

/** Name of the network, for each report of its numbers. */
export const INCEPTION_NAME = 'InceptionV3 of nsfwjs 4.4.0, not comparable to published FID';

/** Number of features of an image. */
export const INCEPTION_FEATURES = 2048;

/** The layer of the mean over 8 × 8 positions, before the classifier. */
const POOLED = 'flatten_1';

/** Maximum number of images in a batch of the network. */
const BATCH = 8;

/**
 * Loads the network onto the active engine. Images of any size are scaled to 299 × 299 by sharp, enlarged by a
 * cubic kernel and shrunk without aliasing, as "clean-fid" does (Parmar et al. 2022).
 */
export async function loadInceptionFeatures(): Promise<ImageFeatureExtractor> {
  const { inputs, layers } = await loadInception();
  const { output } = layers.find(({ name }) => name === POOLED)!;
  const pooled = tf.model({ inputs, outputs: output });
  const featuresOf = jit((pixels: tf.Tensor4D) => pooled.apply(pixels.div(255)) as tf.Tensor2D, {
    name: 'inception',
    captures: 'embed',
  });
  const ofBatch = async (images: readonly RgbImage[]): Promise<Float32Array[]> => {
    const { data, count } = await scaledPixels(images);
    const pixels = tf.tensor4d(data, [count, INCEPTION_SIDE, INCEPTION_SIDE, 3]);
    const result = featuresOf(pixels);
    const features = (await result.data()) as Float32Array;
    tf.dispose([pixels, result]);
    return images.map((_, i) => features.slice(i * INCEPTION_FEATURES, (i + 1) * INCEPTION_FEATURES));
  };
  return async (images) => {
    const features: Float32Array[] = [];
    for (let from = 0; from < images.length; from += BATCH) {
      features.push(...(await ofBatch(images.slice(from, from + BATCH))));
    }
    return features;
  };
}

/** Returns the pixels of a batch, padded to a power of two images, so that few graphs are compiled. */
async function scaledPixels(images: readonly RgbImage[]): Promise<{ data: Float32Array; count: number }> {
  const size = INCEPTION_SIDE ** 2 * 3;
  const count = 2 ** Math.ceil(Math.log2(images.length));
  const data = new Float32Array(size * count);
  const scaled = await Promise.all(images.map((image) => resizeImage(image, INCEPTION_SIDE, INCEPTION_SIDE)));
  scaled.forEach((image, i) => data.set(image.data, i * size));
  return { data, count };
}
