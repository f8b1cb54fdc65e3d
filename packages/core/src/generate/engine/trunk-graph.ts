/**
 * The trunk with a cache, compiled once for all numbers of rows and of positions: hidden vectors of new
 * positions in, and out; their keys and values are written into the cache. With per-modality weights each kind of elements has
 * a graph of its own, since the new positions of a call are all of one kind.
 */
import * as tf from '@transfusion/tfjs';
import {
  compileDynamic,
  type DynamicFunction,
  type DynamicInput,
} from '@transfusion/tfjs-backend-onnxruntime';
import { linear } from '@transfusion/nn';
import type { Transfusion, TransfusionParams } from '../../model/transfusion.js';
import { TOKENS } from '../../trunk/element-kinds.js';
import { cachedTrunk, joinTrunk, type KeyValues } from './cached-trunk.js';

/** Names of the inputs and outputs that hold a layer's keys and values. */
export const keysOf = (layer: number): string => `keys${layer}`;
export const valuesOf = (layer: number): string => `values${layer}`;

/**
 * Compiles the trunk for elements of one kind. Axes: `rows`, `length` (new positions of each row), `capacity`
 * (positions in the cache, including unused ones) and `read` (positions to predict a token at).
 *
 * Inputs: `x` [rows, length, D]; `positions` [rows, length]; `places` [rows, length, KV, 3]; `bias`
 * [rows, 1, length, capacity]; `keys<layer>` and `values<layer>` [rows, KV, capacity, E]; `read` [read], positions in
 * the flattened rows. Outputs: `hidden` [rows, length, D]; `logits` [read, V], only of tokens; `keys<layer>` and
 * `values<layer>` with the new positions in them. Give the arrays of the inputs for those, which are then written in
 * place.
 *
 * @param kind `tokens`, or a continuous modality with per-modality weights
 */
export function compileTrunk(model: Transfusion, params: TransfusionParams, kind: string): DynamicFunction {
  const { transformer } = model;
  const { modelDim: D, numHeads, numKvHeads, numLayers } = transformer;
  const E = D / numHeads;
  const cached: DynamicInput = { shape: ['rows', numKvHeads, 'capacity', E] };
  const layers = Array.from({ length: numLayers }, (_, layer) => layer);
  const hasHead = kind === TOKENS;
  const inputs: Record<string, DynamicInput> = {
    x: { shape: ['rows', 'length', D] },
    positions: { shape: ['rows', 'length'], dtype: 'int32' },
    places: { shape: ['rows', 'length', numKvHeads, 3], dtype: 'int32' },
    bias: { shape: ['rows', 1, 'length', 'capacity'] },
    ...Object.fromEntries(
      layers.flatMap((layer) => [
        [keysOf(layer), cached],
        [valuesOf(layer), cached],
      ]),
    ),
    ...(hasHead ? { read: { shape: ['read'], dtype: 'int32' } } : {}),
  };
  const { blocks, norm, owned } = joinTrunk(model, params, kind);
  const step = (tensors: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> => {
    const { hidden, cache } = cachedTrunk(blocks, norm, transformer, tensors.x as tf.Tensor3D, {
      positions: tensors.positions as tf.Tensor2D,
      // Places of the new positions, as (row, key-value head, position).
      write: (cached, fresh) => tf.tensorScatterUpdate(cached, tensors.places, fresh) as tf.Tensor4D,
      bias: tensors.bias as tf.Tensor4D,
      cache: layers.map((layer): KeyValues => {
        return {
          keys: tensors[keysOf(layer)] as tf.Tensor4D,
          values: tensors[valuesOf(layer)] as tf.Tensor4D,
        };
      }),
    });
    const outputs: Record<string, tf.Tensor> = { hidden };
    cache.forEach(({ keys, values }, layer) => {
      outputs[keysOf(layer)] = keys;
      outputs[valuesOf(layer)] = values;
    });
    if (!hasHead) return outputs;
    const read = tf.gather(hidden.reshape([-1, D]), tensors.read as tf.Tensor1D);
    return { ...outputs, logits: linear(params.lmHead, read) };
  };
  // Attention has a product for each key-value head of a row: with no more threads, none is split.
  return compileDynamic(step, { name: `trunk of ${kind}`, inputs, owned, maxThreads: numKvHeads });
}
