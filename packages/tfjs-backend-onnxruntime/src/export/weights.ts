import type { OnnxRuntimeBackend } from '../backend/backend.js';
import type { GraphArray } from '../graph/dtype.js';
import type { Capture } from '../graph/trace.js';
import type { Value } from '../graph/value.js';
import type { TreeLeaf } from '../jit/tree.js';
import { dottedPath } from './names.js';

/** A tensor that becomes an initializer. */
export interface Weight {
  readonly value: Value;
  readonly name: string;
  readonly data: GraphArray;
}

/**
 * Returns the tensors of the parameters and those that a function closes over.
 *
 * @param placeholders one for each tensor of `params`
 */
export function weightsOf(
  backend: OnnxRuntimeBackend,
  params: readonly TreeLeaf[],
  placeholders: readonly Value[],
  captures: readonly Capture[],
): Weight[] {
  const dataOf = (dataId: object): GraphArray => backend.bufferOf(dataId).array;
  return [
    ...params.map(({ path, tensor }, i) => ({
      value: placeholders[i],
      name: dottedPath(path) || 'params',
      data: dataOf(tensor.dataId),
    })),
    ...captures.map(({ placeholder, dataId, variable }, i) => ({
      value: placeholder,
      name: variable?.name ?? `captured${i}`,
      data: dataOf(dataId),
    })),
  ];
}
