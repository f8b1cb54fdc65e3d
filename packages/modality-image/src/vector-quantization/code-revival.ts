/**
 * Revival of dead codes: entries of a codebook that are nearest to no vector get no gradient, and stay unused. Between
 * training steps they are replaced by vectors that the codebook approximates badly.
 */
import * as tf from '@tensorflow/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { Rng } from '@transfusion/nn';
import type { AutoencoderArrays } from '../autoencoder/autoencoder-model.js';
import { lookUpCodes, nearestCodes } from './vector-quantizer.js';
import type { VqAutoencoder, VqAutoencoderParams } from './vq-autoencoder.js';

/** Vectors of some images, and the entries of the codebook nearest to them. */
export interface CodeUsage {
  /** Number of vectors to which each entry is the nearest. */
  readonly counts: Uint32Array;
  /** All vectors, one after the other. */
  readonly vectors: Float32Array;
  /** Squared distance of each vector to its nearest entry. */
  readonly distances: Float32Array;
}

/** An entry and the vector that replaces it. */
export interface CodeRevival {
  readonly id: number;
  readonly vector: Float32Array;
}

/** Measures which entries some images use. At least ten vectors for each entry tell used entries from dead ones. */
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
  return { counts, vectors: joined(vectors), distances: joined(distances) };
}

/**
 * Samples a vector for each dead entry, as k-means++ samples its centers (Arthur & Vassilvitskii 2007): the farther from
 * all entries the likelier, none twice, and none that is an entry already.
 *
 * @param minShare an entry is dead if it is used less than this fraction of what uniform use would be
 */
export function sampleRevivals(
  { counts, vectors, distances }: CodeUsage,
  rng: Rng,
  minShare = 0.1,
): readonly CodeRevival[] {
  const least = (minShare * distances.length) / counts.length;
  const dead = [...counts.keys()].filter((id) => counts[id] < least);
  // The smallest of exponential variates with these rates (Efraimidis & Spirakis 2006): a weighted sample.
  const keys = rng.uniforms(distances.length).map((u, i) => -Math.log(1 - u) / distances[i]);
  const chosen = [...keys.keys()].filter((i) => distances[i] > 0).sort((a, b) => keys[a] - keys[b]);
  const C = vectors.length / distances.length;
  return dead
    .slice(0, chosen.length)
    .map((id, i) => ({ id, vector: vectors.slice(chosen[i] * C, (chosen[i] + 1) * C) }));
}

/** Returns a codebook with these entries replaced. The same revivals apply to the EMA of the codebook. */
export function reviveCodes(codebook: tf.Tensor2D, revivals: readonly CodeRevival[]): tf.Tensor2D {
  if (revivals.length === 0) return codebook.clone();
  return tf.tidy(() => {
    const at = tf.tensor2d(
      revivals.map(({ id }) => [id]),
      undefined,
      'int32',
    );
    const rows = tf.stack(revivals.map(({ vector }) => tf.tensor1d(vector)));
    // Not `tensorScatterUpdate`: in TensorFlow.js 4.22 the cpu backend's writes into its input.
    const isRevived = tf.scatterND(at, tf.ones([revivals.length, 1]), [codebook.shape[0], 1]).toBool();
    return tf.where(isRevived, tf.scatterND(at, rows, codebook.shape), codebook);
  });
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    result.set(part, end);
    end += part.length;
  }
  return result;
}
