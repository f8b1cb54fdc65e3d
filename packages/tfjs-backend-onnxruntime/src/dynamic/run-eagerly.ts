import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { checkArray } from './check-array.js';
import type { DynamicFunction, DynamicInput } from './dynamic-function.js';

type Sizes = Readonly<Record<string, number>>;

/** The form of a dynamic function under other backends: each run calls the function. */
export function runEagerly(
  name: string,
  fn: (inputs: Record<string, tf.Tensor>) => Readonly<Record<string, tf.Tensor>>,
  inputs: Readonly<Record<string, DynamicInput>>,
  owned: readonly tf.Tensor[],
): DynamicFunction {
  let isDisposed = false;
  const shapeAt = ({ shape }: DynamicInput, sizes: Sizes): number[] =>
    shape.map((dim) => (typeof dim === 'number' ? dim : sizes[dim]));
  const zeros = (sizes: Sizes): Record<string, tf.Tensor> =>
    Object.fromEntries(
      Object.entries(inputs).map(([key, input]) => [key, tf.zeros(shapeAt(input, sizes), input.dtype)]),
    );
  return {
    outputShapes: (sizes) =>
      inTidy(() =>
        Object.fromEntries(Object.entries(fn(zeros(sizes))).map(([key, { shape }]) => [key, [...shape]])),
      ),
    run: (arrays, sizes, outputs) => {
      if (isDisposed) throw new TransfusionError('disposed', `${name}: run after dispose. Compile it again.`);
      inTidy(() => {
        const tensors = Object.entries(inputs).map(([key, input]) => {
          const { dtype = 'float32' } = input;
          const shape = shapeAt(input, sizes);
          checkArray(name, key, arrays[key], shape, dtype);
          return [key, tf.tensor(arrays[key], shape, dtype)] as const;
        });
        for (const [key, tensor] of Object.entries(fn(Object.fromEntries(tensors)))) {
          if (outputs[key] === undefined) continue;
          checkArray(name, key, outputs[key], tensor.shape, tensor.dtype);
          outputs[key].set(tensor.dataSync());
        }
      });
    },
    dispose: () => {
      isDisposed = true;
      tf.dispose([...owned]);
    },
  };
}

/** `tf.tidy` for a body that returns something other than tensors. */
function inTidy<T>(body: () => T): T {
  let result: { readonly value: T } | undefined;
  tf.tidy(() => {
    result = { value: body() };
  });
  return result!.value;
}
