/**
 * Revival of dead codes: codebook entries that are not nearest to any vector get no gradient and stay unused. Between
 * training steps, they are replaced by vectors that the codebook approximates poorly.
 */
import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { Rng } from '@transfusion/nn';
import type { AutoencoderArrays } from '../autoencoder/autoencoder-model.js';
import { lookUpCodes, nearestCodes } from './vector-quantizer.js';
import type { VqAutoencoder, VqAutoencoderParams } from './vq-autoencoder.js';

/** Encoded vectors of images, and how often each codebook entry is the nearest. */
export interface CodeUsage {
  /** Number of vectors whose nearest entry this is, by entry. */
  readonly counts: Uint32Array;
  /** All vectors, concatenated. */
  readonly vectors: Float32Array;
  /** Squared distance between each vector and its nearest entry. */
  readonly distances: Float32Array;
}

/** An entry and the vector that replaces it. */
export interface CodeRevival {
  readonly id: number;
  readonly vector: Float32Array;
}

/** Measures which entries images use. At least ten vectors per entry are needed to detect dead entries. */
export async function measureCodeUsage(
  autoencoder: VqAutoencoder,
  params: VqAutoencoderParams,
  batches: Iterable<Pick<AutoencoderArrays, 'images' | 'imageShape'>>,
): Promise<CodeUsage> {
  const measure = jit((images: tf.Tensor4D) => {
    const vectors = autoencoder.encode(params, images);
    const ids = nearestCodes(params.codebook, vectors);
    const distances = lookUpCodes(params.codebook, ids).sub(vectors).square().sum(-1);
    return { ids, vectors, distances };
  });
  const counts = new Uint32Array(autoencoder.config.codebookSize);
  const [vectors, distances]: [Float32Array[], Float32Array[]] = [[], []];
  try {
    for (const { images, imageShape } of batches) {
      const input = tf.tensor4d(images, [...imageShape]);
      const measured = measure(input);
      for (const id of await measured.ids.data()) counts[id]++;
      vectors.push((await measured.vectors.data()) as Float32Array);
      distances.push((await measured.distances.data()) as Float32Array);
      tf.dispose([input, measured]);
    }
  } finally {
    measure.dispose();
  }
  return { counts, vectors: concatenate(vectors), distances: concatenate(distances) };
}

/**
 * Samples a vector for each dead entry like the centers of k-means++ (Arthur & Vassilvitskii 2007): with probability
 * proportional to the squared distance, without replacement.
 *
 * @param minUsage an entry is dead if it is used less than this fraction of uniform usage
 */
export function sampleRevivals(
  { counts, vectors, distances }: CodeUsage,
  rng: Rng,
  minUsage = 0.1,
): readonly CodeRevival[] {
  const minCount = (minUsage * distances.length) / counts.length;
  const dead = [...counts.keys()].filter((id) => counts[id] < minCount);
  // Weighted sampling without replacement: the smallest exponential variates with these rates (Efraimidis & Spirakis 2006).
  const keys = rng.uniforms(distances.length).map((u, i) => -Math.log(1 - u) / distances[i]);
  const sampled = [...keys.keys()].filter((i) => distances[i] > 0).sort((a, b) => keys[a] - keys[b]);
  const C = vectors.length / distances.length;
  return dead
    .slice(0, sampled.length)
    .map((id, i) => ({ id, vector: vectors.slice(sampled[i] * C, (sampled[i] + 1) * C) }));
}

/** Returns a codebook with the entries replaced. Apply the same revivals to the EMA of the codebook. */
export function reviveCodes(codebook: tf.Tensor2D, revivals: readonly CodeRevival[]): tf.Tensor2D {
  if (revivals.length === 0) return codebook.clone();
  return tf.tidy(() => {
    const at = tf.tensor2d(
      revivals.map(({ id }) => [id]),
      undefined,
      'int32',
    );
    const rows = tf.stack(revivals.map(({ vector }) => tf.tensor1d(vector)));
    // Not `tensorScatterUpdate`: in TensorFlow.js 4.22, that of the cpu backend modifies its input.
    const isRevived = tf.scatterND(at, tf.ones([revivals.length, 1]), [codebook.shape[0], 1]).toBool();
    return tf.where(isRevived, tf.scatterND(at, rows, codebook.shape), codebook);
  });
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    result.set(part, end);
    end += part.length;
  }
  return result;
}
