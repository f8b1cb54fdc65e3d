import * as tf from '@transfusion/tfjs';
import { BACKEND_NAME, type OnnxRuntimeBackend } from '../backend/backend.js';
import { DynamicSession } from './dynamic-session.js';
import type { DynamicFunction, TensorsOf } from './dynamic-function.js';
import { runEagerly } from './run-eagerly.js';
import { axesOf, traceDynamic, type DynamicInputs } from './trace-dynamic.js';

/** Options of {@link compileDynamic}. */
export interface CompileDynamicOptions<Inputs extends DynamicInputs> {
  /** Name in errors. */
  readonly name: string;
  readonly inputs: Inputs;
  /** Captured tensors that nothing else uses: freed once they have been copied, or at the latest by `dispose`. */
  readonly owned?: readonly tf.Tensor[];
  /**
   * Maximum number of threads; defaults to all. With more threads than products in a batched matrix product (batch,
   * heads), ONNX Runtime splits single products, whose rounding then depends on the number of rows beside them.
   */
  readonly maxThreads?: number;
}

/**
 * Compiles a function of tensors once for all lengths of the named axes of its inputs, for inference: tensors
 * that it closes over, such as weights, are copied into the graph, where ONNX Runtime packs them for speed.
 *
 * The function is traced at a few lengths of each axis. All of the traces must be the same but for sizes, and
 * each size a sum of products of axes (`rows * length`, `past + length`).
 *
 * Under a backend other than `onnxruntime`, each run calls the function; captured tensors must then outlive it.
 *
 * @throws TransfusionError `sizes-in-jit` if the function depends on lengths in another way, e.g. by a range or
 *   a mean over an axis; otherwise as `jit`
 */
export function compileDynamic<const Inputs extends DynamicInputs>(
  fn: (inputs: TensorsOf<Inputs>) => Readonly<Record<string, tf.Tensor>>,
  { name, inputs, owned = [], maxThreads }: CompileDynamicOptions<Inputs>,
): DynamicFunction {
  const call = fn as unknown as (inputs: Record<string, tf.Tensor>) => Readonly<Record<string, tf.Tensor>>;
  const where = `compileDynamic(${name})`;
  const axes = axesOf(where, inputs);
  if (tf.getBackend() !== BACKEND_NAME) return runEagerly(name, call, inputs, owned);
  const backend = tf.backend() as OnnxRuntimeBackend;
  const source = { where, name, fn: call, params: [], inputs, axes };
  try {
    return traceDynamic(
      backend,
      source,
      ({ graph, captures, inputs: ports, outputPaths, outputShapes }) =>
        new DynamicSession({
          name,
          maxThreads,
          axes,
          graph,
          weights: new Map(
            captures.map(({ placeholder, dataId }) => [placeholder, backend.bufferOf(dataId).array]),
          ),
          inputs: ports,
          outputs: outputPaths.map((path, i) => ({ name: path.slice(1), shape: outputShapes[i] })),
        }),
    );
  } finally {
    tf.dispose([...owned]);
  }
}
