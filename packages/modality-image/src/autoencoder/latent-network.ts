import type * as tf from '@transfusion/tfjs';
import { sizeOf, type Latent, type Shape } from '@transfusion/modality';
import { compileDynamic, type DynamicFunction } from '@transfusion/tfjs-backend-onnxruntime';
import { batchesOfOneShape } from '../batches-of-one-shape.js';

/** Maximum number of latents per batch. */
const MAX_BATCH_SIZE = 16;

/** A network from latents to latents. */
export interface LatentNetwork {
  /** Applies the network to each latent, in batches of one shape. */
  map(latents: readonly Latent[]): Latent[];
  dispose(): void;
}

/**
 * Creates a network that is compiled once for each shape of latents, for any number of them.
 *
 * @param network maps latents [N, h, w, C] to others; the weights that it closes over must outlive it
 */
export function latentNetwork(name: string, network: (batch: tf.Tensor4D) => tf.Tensor): LatentNetwork {
  const compiled = new Map<string, DynamicFunction>();
  const functionFor = (shape: Shape): DynamicFunction => {
    const key = shape.join();
    let found = compiled.get(key);
    if (found === undefined) {
      found = compileDynamic(({ latents }) => ({ mapped: network(latents as tf.Tensor4D) }), {
        name: `${name} ${shape.join(' x ')}`,
        inputs: { latents: { shape: ['latents', ...shape] } },
      });
      compiled.set(key, found);
    }
    return found;
  };
  const mapBatch = (latents: readonly Latent[]): Latent[] => {
    const { shape } = latents[0];
    const run = functionFor(shape);
    const size = sizeOf(shape);
    const batch = new Float32Array(latents.length * size);
    latents.forEach(({ data }, i) => batch.set(data, i * size));
    const sizes = { latents: latents.length };
    const [, ...outputShape] = run.outputShapes(sizes).mapped;
    const length = sizeOf(outputShape);
    const mapped = new Float32Array(latents.length * length);
    run.run({ latents: batch }, sizes, { mapped });
    return latents.map((_, i) => ({ shape: outputShape, data: mapped.slice(i * length, (i + 1) * length) }));
  };
  return {
    map: (latents) => {
      const results = new Array<Latent>(latents.length);
      for (const indices of batchesOfOneShape(latents, MAX_BATCH_SIZE)) {
        const mapped = mapBatch(indices.map((index) => latents[index]));
        mapped.forEach((latent, i) => (results[indices[i]] = latent));
      }
      return results;
    },
    dispose: () => {
      for (const graph of compiled.values()) graph.dispose();
      compiled.clear();
    },
  };
}
