/** Reads the parameters of a checkpoint into a model that may have more ids and modalities than the stored one. */
import {
  initLora,
  mergeLora,
  type ModelConfig,
  type Transfusion,
  type TransfusionParams,
} from '@transfusion/core';
import { disposeParams, disposeReplaced, tidyParams, zeroRng, type Rng } from '@transfusion/nn';
import * as tf from '@transfusion/tfjs';
import type { Checkpoint } from '@transfusion/trainer';

/**
 * Reads the EMA of a checkpoint's parameters, with low-rank updates merged into the trunk. Parts and rows of the vocabulary
 * that the checkpoint does not have are initialized.
 *
 * @param model its first ids must be those of the stored model, and it must have all of its modalities
 * @param rng initializes what is new
 * @throws TransfusionError `mismatch` if the parameters have other shapes, `invalid-file` if they are damaged
 */
export async function readParams(
  checkpoint: Checkpoint,
  stored: ModelConfig,
  model: Transfusion,
  rng: Rng,
): Promise<TransfusionParams> {
  const initial = model.init(rng);
  const like = tidyParams(() => storedTree(initial, stored));
  let read: TransfusionParams | undefined;
  try {
    const found = (read = await checkpoint.readTree('ema', like));
    const params = tidyParams(() => grow(initial, merge(found, stored)));
    disposeReplaced(initial, params);
    disposeReplaced(found, params);
    return params;
  } catch (error) {
    disposeParams(initial);
    if (read !== undefined) disposeParams(read);
    throw error;
  } finally {
    disposeReplaced(like, initial);
  }
}

/** Returns a tree of the stored parameters' shapes, from those of the model. */
function storedTree(params: TransfusionParams, stored: ModelConfig): TransfusionParams {
  const { transformer, modalities, lora, vocabulary } = stored;
  const V = vocabulary.reduce((sum, { size }) => sum + size, 0);
  const names = modalities.map(({ name }) => name);
  const kinds = ['tokens', ...names];
  return {
    tokenEmbedding: { weight: firstOf(params.tokenEmbedding.weight, V, 0) },
    trunk: {
      layers: params.trunk.layers.map((blocks) => pick(blocks, kinds)),
      norm: pick(params.trunk.norm, kinds),
    },
    lmHead: { weight: firstOf(params.lmHead.weight, V, 1) },
    adapters: pick(params.adapters, names),
    ...(lora === undefined ? {} : { lora: initLora(zeroRng, transformer, lora) }),
  };
}

function merge(params: TransfusionParams, { lora }: ModelConfig): TransfusionParams {
  return lora === undefined ? params : mergeLora(params, lora);
}

/** Puts what is read in place of what is initialized; the rest follows it. */
function grow(initial: TransfusionParams, read: TransfusionParams): TransfusionParams {
  return {
    ...initial,
    tokenEmbedding: { weight: append(read.tokenEmbedding.weight, initial.tokenEmbedding.weight, 0) },
    trunk: {
      layers: initial.trunk.layers.map((blocks, i) => ({ ...blocks, ...read.trunk.layers[i] })),
      norm: { ...initial.trunk.norm, ...read.trunk.norm },
    },
    lmHead: { weight: append(read.lmHead.weight, initial.lmHead.weight, 1) },
    adapters: { ...initial.adapters, ...read.adapters },
  };
}

/** Returns the first rows or columns; the tensor itself if it has no others. */
function firstOf(tensor: tf.Tensor, count: number, axis: 0 | 1): tf.Tensor {
  if (count === tensor.shape[axis]) return tensor;
  return tensor.slice([0, 0], axis === 0 ? [count, -1] : [-1, count]);
}

/** Appends the rows or columns of `initial` that `read` does not have. */
function append(read: tf.Tensor, initial: tf.Tensor, axis: 0 | 1): tf.Tensor {
  const known = read.shape[axis]!;
  if (known === initial.shape[axis]) return read;
  const begin = axis === 0 ? [known, 0] : [0, known];
  return tf.concat([read, initial.slice(begin)], axis);
}

function pick<T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)));
}
