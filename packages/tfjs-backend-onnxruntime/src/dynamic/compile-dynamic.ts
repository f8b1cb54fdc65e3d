import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { BACKEND_NAME, type OnnxRuntimeBackend } from '../backend/backend.js';
import { withKernel } from '../graph/emit.js';
import { collectSubgraph } from '../graph/subgraph.js';
import { Trace } from '../graph/trace.js';
import type { Value } from '../graph/value.js';
import { releaseCaptures, traceFunction, type TracedFunction } from '../jit/trace-function.js';
import type { TreeSpec } from '../jit/tree.js';
import { dynamicGraph } from './dynamic-graph.js';
import { DynamicSession } from './dynamic-session.js';
import type { DynamicFunction, DynamicInput } from './dynamic-function.js';
import { runEagerly } from './run-eagerly.js';
import type { TracedAxis } from './size-expression.js';
import { collected, unifyTraces, type CollectedGraph } from './unify-traces.js';

/** Options of {@link compileDynamic}. */
export interface CompileDynamicOptions<Inputs extends Readonly<Record<string, DynamicInput>>> {
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

/** Pairs of sizes at which functions are traced: distinct primes, so that no two sizes coincide. */
const TRACED_SIZES = [
  [5, 7],
  [11, 13],
  [17, 19],
  [23, 29],
] as const;

/** Sizes that check the expressions. */
const CHECK_SIZES = [3, 31, 37, 41] as const;

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
export function compileDynamic<const Inputs extends Readonly<Record<string, DynamicInput>>>(
  fn: (inputs: { [Name in keyof Inputs]: tf.Tensor }) => Readonly<Record<string, tf.Tensor>>,
  { name, inputs, owned = [], maxThreads }: CompileDynamicOptions<Inputs>,
): DynamicFunction {
  const call = fn as unknown as (inputs: Record<string, tf.Tensor>) => Readonly<Record<string, tf.Tensor>>;
  const axes = axesOf(name, inputs);
  if (tf.getBackend() !== BACKEND_NAME) return runEagerly(name, call, inputs, owned);
  const backend = tf.backend() as OnnxRuntimeBackend;
  const captures: TracedFunction['captures'][number][] = [];
  try {
    const traceAt = (sizes: readonly number[]): { traced: TracedFunction; graph: CollectedGraph } => {
      const traced = traceFunction(backend, new Trace(name), call, argsAt(inputs, axes, sizes));
      captures.push(...traced.captures);
      return { traced, graph: collected(collectSubgraph(traced.results)) };
    };
    const corners = Array.from({ length: 2 ** axes.length }, (_, corner) =>
      traceAt(axes.map(({ low, high }, axis) => ((corner & (1 << axis)) === 0 ? low : high))),
    );
    const checkSizes = axes.map((_, axis) => CHECK_SIZES[axis]);
    const [{ traced }] = corners;
    const sizes = unifyTraces(
      name,
      axes,
      corners.map(({ graph }) => graph),
      traceAt(checkSizes).graph,
      checkSizes,
    );
    const names = Object.keys(inputs);
    const parameter = (input: string): Value => traced.parameters[names.indexOf(input)];
    const sources = axes.map((axis) => {
      const input = names.find((key) => inputs[key].shape.includes(axis.name))!;
      return { input: parameter(input), dimension: inputs[input].shape.indexOf(axis.name) };
    });
    const outputShapes = traced.results.map((value) => sizes.shapeOf(value));
    const graph = withKernel('shape', () => dynamicGraph(collectSubgraph(traced.results), sizes, sources));
    const weights = new Map(
      traced.captures.map(({ placeholder, dataId }) => [placeholder, backend.bufferOf(dataId).array]),
    );
    return new DynamicSession({
      name,
      maxThreads,
      axes,
      graph,
      weights,
      inputs: names.map((key) => ({ name: key, value: parameter(key), shape: inputs[key].shape })),
      outputs: traced.resultPaths.map((path, i) => ({ name: path.slice(1), shape: outputShapes[i] })),
    });
  } finally {
    releaseCaptures(captures);
    tf.dispose([...owned]);
  }
}

function axesOf(name: string, inputs: Readonly<Record<string, DynamicInput>>): TracedAxis[] {
  const names = new Set(
    Object.values(inputs).flatMap(({ shape }) => shape.filter((d) => typeof d === 'string')),
  );
  if (names.size > TRACED_SIZES.length) {
    throw new TransfusionError(
      'invalid-argument',
      `compileDynamic(${name}): the inputs have ${names.size} axes (${[...names].join(', ')}), expected at most ` +
        `${TRACED_SIZES.length}. Give some a fixed size.`,
    );
  }
  return [...names].map((axis, i) => ({ name: axis, low: TRACED_SIZES[i][0], high: TRACED_SIZES[i][1] }));
}

/** Describes the inputs at these sizes of the axes, as `traceFunction` takes them. */
function argsAt(
  inputs: Readonly<Record<string, DynamicInput>>,
  axes: readonly TracedAxis[],
  sizes: readonly number[],
): TreeSpec {
  const sizeOf = (dim: number | string): number =>
    typeof dim === 'number' ? dim : sizes[axes.findIndex(({ name }) => name === dim)];
  const items = Object.values(inputs).map(({ shape, dtype = 'float32' }): TreeSpec => ({
    kind: 'tensor',
    shape: shape.map(sizeOf),
    dtype,
  }));
  return { kind: 'list', items: [{ kind: 'record', keys: Object.keys(inputs), items }] };
}
