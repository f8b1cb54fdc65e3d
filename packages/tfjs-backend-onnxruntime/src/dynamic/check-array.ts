import { TransfusionError } from '@transfusion/errors';
import { sizeOf } from '../graph/value.js';
import type { DynamicArray } from './dynamic-function.js';

/** @throws TransfusionError `invalid-argument` unless the array holds a tensor of this shape and type */
export function checkArray(
  fn: string,
  name: string,
  array: DynamicArray | undefined,
  shape: readonly number[],
  dtype: string,
): void {
  const type = dtype === 'int32' ? Int32Array : Float32Array;
  if (array instanceof type && array.length === sizeOf(shape)) return;
  const found = array === undefined ? 'missing' : `${array.constructor.name}[${array.length}]`;
  throw new TransfusionError(
    'invalid-argument',
    `${fn}: '${name}' is ${found}, expected ${type.name}[${sizeOf(shape)}] for the shape [${shape.join(', ')}].`,
  );
}
