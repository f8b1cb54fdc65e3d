import { TransfusionError } from '@transfusion/errors';
import type { GraphArray, GraphDtype } from '../graph/dtype.js';
import { encodeModel } from '../graph/model-proto.js';
import { structuralName, type Subgraph } from '../graph/subgraph.js';
import type { Value } from '../graph/value.js';
import type { NativeSession, OrtTensor } from '../runtime/native-binding.js';
import { nativeError, sessionOptions } from '../runtime/executable.js';
import { createNativeSession, loadOnnxRuntime } from '../runtime/ort-binding.js';
import {
  isCopyExpensive,
  isSequenceError,
  SEQUENCE_OUTPUT,
  withSequenceOutput,
} from '../runtime/uncopied-outputs.js';
import { checkArray } from './check-array.js';
import type { DynamicArray, DynamicFunction, DynamicShape } from './dynamic-function.js';
import { evaluateSize, formatShape, type SizeExpression, type TracedAxis } from './size-expression.js';

/** Parts of a session. */
export interface DynamicModel {
  readonly name: string;
  readonly maxThreads?: number;
  readonly axes: readonly TracedAxis[];
  readonly graph: Subgraph;
  /** Data of the captured tensors, by placeholder. */
  readonly weights: ReadonlyMap<Value, GraphArray>;
  readonly inputs: readonly { readonly name: string; readonly value: Value; readonly shape: DynamicShape }[];
  readonly outputs: readonly { readonly name: string; readonly shape: readonly SizeExpression[] }[];
}

/** A compiled graph that takes arrays of any length of its axes. */
export class DynamicSession implements DynamicFunction {
  private session: NativeSession | undefined;
  private readonly name: string;
  private readonly axes: readonly string[];
  private readonly inputs: readonly {
    readonly name: string;
    readonly shape: DynamicShape;
    readonly dtype: GraphDtype;
  }[];
  private readonly outputs: readonly {
    readonly name: string;
    readonly shape: readonly SizeExpression[];
    readonly dtype: GraphDtype;
  }[];
  /** Names of inputs and outputs in the graph; undefined for an input that the function does not use. */
  private readonly inputNames: readonly (string | undefined)[];
  private readonly outputNames: readonly string[];

  /** Compiles the graph; call right after it was collected, like everything that uses structural names. */
  constructor({ name, maxThreads = Infinity, axes, graph, weights, inputs, outputs }: DynamicModel) {
    this.name = name;
    this.axes = axes.map((axis) => axis.name);
    this.inputs = inputs.map((input) => ({ name: input.name, shape: input.shape, dtype: input.value.dtype }));
    this.outputs = outputs.map((output, i) => ({ ...output, dtype: graph.outputs[i].dtype }));
    const used = new Set(graph.inputs);
    const port = (value: Value, shape: DynamicShape = value.shape) => {
      return { name: structuralName(value), shape, dtype: value.dtype };
    };
    const onnx = encodeModel({
      nodes: graph.nodes,
      inputs: inputs.filter(({ value }) => used.has(value)).map(({ value, shape }) => port(value, shape)),
      outputs: graph.outputs.map((value, i) => port(value, formatShape(outputs[i].shape, axes))),
      initializers: [
        ...graph.constants.map((value) => ({ ...port(value), shape: value.shape, data: value.constant! })),
        ...[...weights]
          .filter(([value]) => used.has(value))
          .map(([value, data]) => ({ ...port(value), shape: value.shape, data })),
      ],
      nameOf: structuralName,
    });
    this.inputNames = inputs.map(({ value }) => (used.has(value) ? structuralName(value) : undefined));
    this.outputNames = graph.outputs.map(structuralName);
    loadOnnxRuntime();
    try {
      const options = sessionOptions(graph, STOP_SPINNING);
      const intraOpNumThreads = Math.min(options.intraOpNumThreads!, maxThreads);
      this.session = createNativeSession(withSequenceOutput(onnx), { ...options, intraOpNumThreads });
    } catch (error) {
      throw nativeError('onnxruntime-compile', 'refused the graph', error);
    }
  }

  outputShapes(sizes: Readonly<Record<string, number>>): Record<string, number[]> {
    const lengths = this.lengths(sizes);
    return Object.fromEntries(
      this.outputs.map(({ name, shape }) => [name, shape.map((size) => evaluateSize(size, lengths))]),
    );
  }

  run(
    inputs: Readonly<Record<string, DynamicArray>>,
    sizes: Readonly<Record<string, number>>,
    outputs: Readonly<Record<string, DynamicArray>>,
  ): void {
    const { session } = this;
    if (session === undefined) {
      throw new TransfusionError('disposed', `${this.name}: run after dispose. Compile it again.`);
    }
    const lengths = this.lengths(sizes);
    const feeds: Record<string, OrtTensor> = {};
    this.inputs.forEach(({ name, shape, dtype }, i) => {
      const dims = shape.map((dim) => (typeof dim === 'number' ? dim : sizes[dim]));
      checkArray(this.name, name, inputs[name], dims, dtype);
      const key = this.inputNames[i];
      if (key !== undefined) feeds[key] = { type: dtype, dims, data: inputs[name], location: 'cpu' };
    });
    const fetches: Record<string, OrtTensor | null> = {};
    const results: OrtTensor[] = [];
    this.outputs.forEach(({ name, shape, dtype }, i) => {
      const data = outputs[name];
      if (data === undefined) return;
      const dims = shape.map((size) => evaluateSize(size, lengths));
      checkArray(this.name, name, data, dims, dtype);
      results.push((fetches[this.outputNames[i]] = { type: dtype, dims, data, location: 'cpu' }));
    });
    if (isCopyExpensive(results.map(({ dims }) => ({ shape: dims })))) fetches[SEQUENCE_OUTPUT] = null;
    try {
      session.run(feeds, fetches, {});
    } catch (error) {
      if (!isSequenceError(error)) throw nativeError('onnxruntime-run', 'failed', error);
    }
  }

  dispose(): void {
    this.session?.dispose();
    this.session = undefined;
  }

  private lengths(sizes: Readonly<Record<string, number>>): number[] {
    return this.axes.map((name) => sizes[name]);
  }
}

/**
 * Threads of a session wait for work by spinning, also after a run. Functions that take turns, as these do, would take
 * processors from each other: on two cores each call would take twice as long.
 */
const STOP_SPINNING = { extra: { session: { force_spinning_stop: '1' } } };
