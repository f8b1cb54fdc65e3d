import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { createRng } from '@transfusion/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { sampleRevivals, measureCodeUsage, reviveCodes, type CodeUsage } from './code-revival.js';
import { nearestCodes } from './vector-quantizer.js';
import { createVqAutoencoder } from './vq-autoencoder.js';

/** Vectors of two numbers each, counted and measured as said. */
const usageOf = (counts: readonly number[], distances: readonly number[]): CodeUsage => ({
  counts: Uint32Array.from(counts),
  distances: Float32Array.from(distances),
  vectors: Float32Array.from(distances, (_, i) => i).reduce(
    (all, i) => Float32Array.of(...all, i, -i),
    new Float32Array(),
  ),
});

describe('sampleRevivals', () => {
  it('samples a different vector for each rarely used entry, determined by the seed', () => {
    const usage = usageOf([30, 0, 9, 1, 0], new Array<number>(40).fill(1));
    const revivals = sampleRevivals(usage, createRng(1), 0.2);
    // Used alike, each would have 8 vectors: less than 1.6 is dead.
    expect(revivals.map(({ id }) => id)).toEqual([1, 3, 4]);
    const firsts = revivals.map(({ vector: [x, y] }) => {
      expect(y).toBe(-x);
      return x;
    });
    expect(new Set(firsts).size).toBe(3);
    expect(sampleRevivals(usage, createRng(1), 0.2)).toEqual(revivals);
    expect(sampleRevivals(usage, createRng(2), 0.2)).not.toEqual(revivals);
  });

  it('does not change a codebook in use', () => {
    expect(sampleRevivals(usageOf([3, 1, 2], [1, 1, 1, 1, 1, 1]), createRng(1))).toEqual([]);
  });

  it('samples vectors that the codebook approximates poorly, and never existing entries', () => {
    const distances = [0, 0, 0, 1, 0, 100, 0, 0];
    const first = Array.from({ length: 200 }, (_, seed) => {
      const [{ vector }] = sampleRevivals(usageOf([8, 0], distances), createRng(seed));
      return vector[0];
    });
    expect(first.every((i) => i === 3 || i === 5)).toBe(true);
    // Vector 5 counts a hundred times as much as vector 3.
    expect(first.filter((i) => i === 5).length).toBeGreaterThan(185);
    const more = sampleRevivals(usageOf([8, 0, 0, 0, 0], distances), createRng(1), 0.5);
    expect(more.map(({ vector }) => vector[0]).sort()).toEqual([3, 5]);
  });
});

describe.each(['cpu', 'onnxruntime'])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it('replaces only these entries', () => {
    const codebook = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    const revived = reviveCodes(codebook, [
      { id: 2, vector: Float32Array.of(-1, -2) },
      { id: 0, vector: Float32Array.of(7, 8) },
    ]);
    expect(revived.arraySync()).toEqual([
      [7, 8],
      [3, 4],
      [-1, -2],
    ]);
    expect(reviveCodes(codebook, []).arraySync()).toEqual(codebook.arraySync());
    expect(codebook.arraySync()[0]).toEqual([1, 2]);
  });

  it('matches the plain functions, and leaks no tensors', async () => {
    const autoencoder = createVqAutoencoder({
      channels: [4, 8],
      latentChannels: 2,
      numBlocks: 1,
      codebookSize: 5,
    });
    const params = autoencoder.init(createRng(1));
    const batches = [1, 2].map((seed) => ({
      images: createRng(seed).normals(2 * 4 * 4 * 3),
      imageShape: [2, 4, 4, 3] as const,
    }));
    const before = tf.memory().numTensors;
    const { counts, vectors, distances } = await measureCodeUsage(autoencoder, params, batches);
    expect(tf.memory().numTensors).toBe(before);

    const encoded = batches.map(({ images }) =>
      autoencoder.encode(params, tf.tensor4d(images, [2, 4, 4, 3])),
    );
    const expected = tf.concat(encoded).reshape([-1, 2]);
    const ids = [...nearestCodes(params.codebook, expected).dataSync()];
    const entries = params.codebook.arraySync();
    expect([...counts]).toEqual(entries.map((_, id) => ids.filter((found) => found === id).length));
    expect(vectors).toHaveLength(2 * ids.length);
    expected.dataSync().forEach((value, i) => expect(vectors[i]).toBeCloseTo(value, 4));
    ids.forEach((id, i) => {
      const [x, y] = [vectors[2 * i] - entries[id][0], vectors[2 * i + 1] - entries[id][1]];
      expect(distances[i]).toBeCloseTo(x ** 2 + y ** 2, 4);
    });
  });
});
