import type * as tf from '@transfusion/tfjs';

/** Shape in which each name is an axis of any length: `['rows', 64]`. */
export type DynamicShape = readonly (number | string)[];

/** An input of a {@link DynamicFunction}. */
export interface DynamicInput {
  readonly shape: DynamicShape;
  /** Defaults to `float32`. */
  readonly dtype?: 'float32' | 'int32';
}

/** The tensors of some inputs, by name. */
export type TensorsOf<Inputs> = { [Name in keyof Inputs]: tf.Tensor };

/** Elements of a tensor, in row-major order. */
export type DynamicArray = Float32Array | Int32Array;

/** A function compiled by `compileDynamic`. */
export interface DynamicFunction {
  /** Length of each axis -> shape of each output. */
  outputShapes(sizes: Readonly<Record<string, number>>): Record<string, number[]>;
  /**
   * Runs the function on arrays of the caller, which may be views (`subarray`): inputs are read, and outputs
   * written, in place.
   *
   * @param sizes length of each axis; may be 0 if no output depends on an element
   * @param outputs arrays for the outputs that are wanted, each of the size of its shape. An input that the function
   *   only updates (`tensorScatterUpdate`) may be given for the result of that, which is then written in place
   * @throws TransfusionError `invalid-argument` for arrays of another size or type than the sizes ask for
   */
  run(
    inputs: Readonly<Record<string, DynamicArray>>,
    sizes: Readonly<Record<string, number>>,
    outputs: Readonly<Record<string, DynamicArray>>,
  ): void;
  /** Frees the graph and its copy of the weights. */
  dispose(): void;
}
