/** Traces a function of tensors for all lengths of the named axes of its inputs. */
import { TransfusionError } from '@transfusion/errors';
import type { OnnxRuntimeBackend } from '../backend/backend.js';
import { withKernel } from '../graph/emit.js';
import { collectSubgraph, type Subgraph } from '../graph/subgraph.js';
import { Trace, type Capture } from '../graph/trace.js';
import type { Value } from '../graph/value.js';
import { releaseCaptures, traceFunction, type TracedFunction } from '../jit/trace-function.js';
import type { TreeSpec } from '../jit/tree.js';
import { dynamicGraph } from './dynamic-graph.js';
import type { DynamicInput, DynamicShape } from './dynamic-function.js';
import type { SizeExpression, TracedAxis } from './size-expression.js';
import { collected, unifyTraces, type CollectedGraph } from './unify-traces.js';

/** Inputs with named axes, by name. */
export type DynamicInputs = Readonly<Record<string, DynamicInput>>;

/** A function to trace. */
export interface DynamicSource {
  /** Name in errors, with the caller: `compileDynamic(attention)`. */
  readonly where: string;
  readonly name: string;
  /** Receives a tensor tree for each of `params`, then the record of inputs. */
  readonly fn: (...args: never) => unknown;
  readonly params: readonly TreeSpec[];
  readonly inputs: DynamicInputs;
  readonly axes: readonly TracedAxis[];
}

/** A graph whose sizes are computed from its inputs. */
export interface DynamicTrace {
  /** Was collected last, for structural names. */
  readonly graph: Subgraph;
  /** Placeholders of the tensors of `params`, in tree order. */
  readonly params: readonly Value[];
  readonly inputs: readonly { readonly name: string; readonly value: Value; readonly shape: DynamicShape }[];
  /** Shape of each output of the graph. */
  readonly outputShapes: readonly (readonly SizeExpression[])[];
  /** Path of each output in the result. */
  readonly outputPaths: readonly string[];
  readonly captures: readonly Capture[];
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
 * Traces a function at a few lengths of each axis, and calls `use` with the graph for all lengths; captured tensors
 * are held until it returns.
 *
 * @throws TransfusionError `sizes-in-jit` if the graph depends on lengths in another way than by sums of products of
 *   axes; otherwise as `jit`
 */
export function traceDynamic<T>(
  backend: OnnxRuntimeBackend,
  { where, name, fn, params, inputs, axes }: DynamicSource,
  use: (trace: DynamicTrace) => T,
): T {
  const captures: Capture[] = [];
  try {
    const traceAt = (sizes: readonly number[]): { traced: TracedFunction; graph: CollectedGraph } => {
      const args = [...params, inputsAt(inputs, axes, sizes)];
      const traced = traceFunction(backend, new Trace(name), fn, { kind: 'list', items: args });
      captures.push(...traced.captures);
      return { traced, graph: collected(collectSubgraph(traced.results)) };
    };
    const corners = Array.from({ length: 2 ** axes.length }, (_, corner) =>
      traceAt(axes.map(({ low, high }, axis) => ((corner & (1 << axis)) === 0 ? low : high))),
    );
    const checkSizes = axes.map((_, axis) => CHECK_SIZES[axis]);
    const [{ traced }] = corners;
    const sizes = unifyTraces(
      where,
      axes,
      corners.map(({ graph }) => graph),
      traceAt(checkSizes).graph,
      checkSizes,
    );
    const numParams = traced.parameters.length - Object.keys(inputs).length;
    const ports = Object.entries(inputs).map(([key, { shape }], i) => {
      return { name: key, shape, value: traced.parameters[numParams + i] };
    });
    const sources = axes.map((axis) => {
      const { value, shape } = ports.find((port) => port.shape.includes(axis.name))!;
      return { input: value, dimension: shape.indexOf(axis.name) };
    });
    const outputShapes = traced.results.map((value) => sizes.shapeOf(value));
    return use({
      graph: withKernel('shape', () => dynamicGraph(collectSubgraph(traced.results), sizes, sources)),
      params: traced.parameters.slice(0, numParams),
      inputs: ports,
      outputShapes,
      outputPaths: traced.resultPaths,
      captures: traced.captures,
    });
  } finally {
    releaseCaptures(captures);
  }
}

/**
 * Returns the axes of the inputs, in order of appearance.
 *
 * @throws TransfusionError `invalid-argument` if there are more than can be traced
 */
export function axesOf(where: string, inputs: DynamicInputs): TracedAxis[] {
  const names = new Set(
    Object.values(inputs).flatMap(({ shape }) => shape.filter((d) => typeof d === 'string')),
  );
  if (names.size > TRACED_SIZES.length) {
    throw new TransfusionError(
      'invalid-argument',
      `${where}: the inputs have ${names.size} axes (${[...names].join(', ')}), expected at most ` +
        `${TRACED_SIZES.length}. Give some a fixed size.`,
    );
  }
  return [...names].map((axis, i) => ({ name: axis, low: TRACED_SIZES[i][0], high: TRACED_SIZES[i][1] }));
}

/** Describes the record of inputs at these sizes of the axes, as `traceFunction` takes it. */
function inputsAt(inputs: DynamicInputs, axes: readonly TracedAxis[], sizes: readonly number[]): TreeSpec {
  const sizeOf = (dim: number | string): number =>
    typeof dim === 'number' ? dim : sizes[axes.findIndex(({ name }) => name === dim)];
  const items = Object.values(inputs).map(({ shape, dtype = 'float32' }): TreeSpec => ({
    kind: 'tensor',
    shape: shape.map(sizeOf),
    dtype,
  }));
  return { kind: 'record', keys: Object.keys(inputs), items };
}
