import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { unflattenParams, visitParams, type FlatParams, type Params } from '../params.js';
import type { SafetensorsFile } from './read-safetensors.js';
import type { StoredTensor, TensorSource } from './stored-tensor.js';

/**
 * Prepares a tree for `writeSafetensors`: its tensors by dotted path, each downloaded from the engine when it
 * is written. The tree must not be disposed of before.
 *
 * @param dtype `float16` rounds float32 tensors in the file: half the size, about three significant digits
 * @throws TransfusionError `invalid-argument` for tensors of strings or complex numbers, and for a tree that
 *   is a single tensor, which has no name
 */
export function paramsToSafetensors(
  params: Params,
  dtype: 'float32' | 'float16' = 'float32',
): Record<string, TensorSource> {
  const sources: Record<string, TensorSource> = {};
  visitParams(params, (tensor, path) => {
    const { shape, dtype: tensorType } = tensor;
    if (path === '' || (tensorType !== 'float32' && tensorType !== 'int32' && tensorType !== 'bool')) {
      throw new TransfusionError(
        'invalid-argument',
        `paramsToSafetensors: '${path}' is ${tensorType} [${shape}], expected float32, int32 or bool under a name.`,
      );
    }
    sources[path] = {
      shape,
      dtype: tensorType,
      ...(dtype === 'float16' && tensorType === 'float32' ? { storedAs: 'F16' } : {}),
      read: () => tensor.data() as Promise<StoredTensor['data']>,
    };
  });
  return sources;
}

/**
 * Reads a tree with the structure of `like` from a file.
 *
 * @throws TransfusionError `mismatch` if the file does not contain exactly the tensors of `like`,
 *   `invalid-file` for non-finite values, with which a network is useless
 */
export async function paramsFromSafetensors<P extends Params>(like: P, file: SafetensorsFile): Promise<P> {
  const flat: FlatParams = {};
  try {
    for (const name of file.tensors.keys()) {
      const stored = await file.read(name);
      checkFinite(stored, `${file.path}: '${name}'`);
      flat[name] = toTensor(stored);
    }
    return unflattenParams(like, flat, file.path);
  } catch (error) {
    Object.values(flat).forEach((tensor) => tensor.dispose());
    throw error;
  }
}

function checkFinite({ data }: StoredTensor, name: string): void {
  let i = 0;
  while (i < data.length && Number.isFinite(data[i])) i++;
  if (i === data.length) return;
  throw new TransfusionError(
    'invalid-file',
    `${name} has ${data[i]} at ${i}, expected finite values. The file is damaged, or training diverged: copy it again, or ` +
      `use another checkpoint.`,
  );
}

/** Uploads a tensor to the engine; uint8 becomes int32, the narrowest integer of TensorFlow.js. */
export function toTensor(stored: StoredTensor): tf.Tensor {
  const { dtype, shape, data } = stored;
  return tf.tensor(data, [...shape], dtype === 'uint8' ? 'int32' : dtype);
}
