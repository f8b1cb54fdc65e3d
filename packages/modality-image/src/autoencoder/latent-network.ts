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

/** The network for latents of one shape, and the shape of its results. */
interface CompiledNetwork {
  readonly run: DynamicFunction;
  readonly outputShape: Shape;
}

/**
 * Creates a network that is compiled once for each shape of latents, for any number of them.
 *
 * @param network maps latents [N, h, w, C] to others; the weights that it closes over must outlive it
 */
export function latentNetwork(name: string, network: (batch: tf.Tensor4D) => tf.Tensor): LatentNetwork {
  const compiled = new Map<string, CompiledNetwork>();
  const compiledFor = (shape: Shape): CompiledNetwork => {
    const key = shape.join();
    let found = compiled.get(key);
    if (found === undefined) {
      const run = compileDynamic(({ latents }) => ({ mapped: network(latents as tf.Tensor4D) }), {
        name: `${name} ${shape.join(' x ')}`,
        inputs: { latents: { shape: ['latents', ...shape] } },
      });
      found = { run, outputShape: run.outputShapes({ latents: 1 }).mapped.slice(1) };
      compiled.set(key, found);
    }
    return found;
  };
  const mapBatch = (latents: readonly Latent[]): Latent[] => {
    const { shape } = latents[0];
    const { run, outputShape } = compiledFor(shape);
    const size = sizeOf(shape);
    const batch = new Float32Array(latents.length * size);
    latents.forEach(({ data }, i) => batch.set(data, i * size));
    const length = sizeOf(outputShape);
    const mapped = new Float32Array(latents.length * length);
    run.run({ latents: batch }, { latents: latents.length }, { mapped });
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
      for (const { run } of compiled.values()) run.dispose();
      compiled.clear();
    },
  };
}
