import { TransfusionError } from '@transfusion/errors';
import { encodeModel, type Initializer } from '../graph/model-proto.js';
import { structuralName, type Subgraph } from '../graph/subgraph.js';
import { sizeOf, type Value } from '../graph/value.js';
import type { GraphArray } from '../graph/dtype.js';
import type { NativeSession, OrtSessionOptions, OrtTensor } from './native-binding.js';
import { onnxRuntimeOptions } from './options.js';
import { createNativeSession, loadOnnxRuntime } from './ort-binding.js';
import { isSequenceError, isCopyExpensive, SEQUENCE_OUTPUT, withSequenceOutput } from './uncopied-outputs.js';

type MutableOrtTensor = { -readonly [K in keyof OrtTensor]: OrtTensor[K] };

/** Serializes a subgraph with its structural names. */
export function modelOf(graph: Subgraph): Uint8Array {
  return encodeModel({
    nodes: graph.nodes,
    inputs: graph.inputs.map(port),
    outputs: graph.outputs.map(port),
    initializers: graph.constants.map(initializer),
    nameOf: structuralName,
  });
}

function port(value: Value): { name: string; shape: readonly number[]; dtype: Value['dtype'] } {
  return { name: structuralName(value), shape: value.shape, dtype: value.dtype };
}

function initializer(value: Value): Initializer {
  return { ...port(value), data: value.constant! };
}

/** A compiled graph: reads inputs from, and writes outputs to, arrays of the caller. */
export class Executable {
  private readonly session: LoadedSession;
  private readonly feeds: Record<string, MutableOrtTensor> = {};
  private readonly fetches: Record<string, MutableOrtTensor | null> = {};
  private readonly feedList: MutableOrtTensor[];
  private readonly fetchList: MutableOrtTensor[];

  /** Compiles a subgraph; call right after `collectSubgraph`, like everything that uses names. */
  constructor(graph: Subgraph, model: Uint8Array, options: OrtSessionOptions) {
    const tensor = (into: Record<string, MutableOrtTensor | null>, value: Value): MutableOrtTensor =>
      (into[structuralName(value)] = {
        type: value.dtype,
        dims: value.shape,
        data: EMPTY,
        location: 'cpu',
      });
    this.feedList = graph.inputs.map((value) => tensor(this.feeds, value));
    this.fetchList = graph.outputs.map((value) => tensor(this.fetches, value));
    const isUncopied = isCopyExpensive(graph.outputs);
    if (isUncopied) this.fetches[SEQUENCE_OUTPUT] = null;
    loadOnnxRuntime();
    try {
      const loaded = isUncopied ? withSequenceOutput(model) : model;
      this.session = graph.nodes.length === 0 ? IDLE : createNativeSession(loaded, options);
    } catch (error) {
      throw nativeError('onnxruntime-compile', 'refused the graph', error);
    }
  }

  run(inputs: readonly GraphArray[], outputs: readonly GraphArray[]): void {
    const { feedList, fetchList } = this;
    for (let i = 0; i < feedList.length; i++) feedList[i]!.data = inputs[i]!;
    for (let i = 0; i < fetchList.length; i++) fetchList[i]!.data = outputs[i]!;
    try {
      this.session.run(this.feeds, this.fetches, {});
    } catch (error) {
      if (!isSequenceError(error)) throw nativeError('onnxruntime-run', 'failed', error);
    } finally {
      for (const tensor of feedList) tensor.data = EMPTY;
      for (const tensor of fetchList) tensor.data = EMPTY;
    }
  }

  endProfiling(): void {
    this.session.endProfiling();
  }

  dispose(): void {
    this.session.dispose();
  }
}

const EMPTY = new Float32Array(0);

type LoadedSession = Pick<NativeSession, 'run' | 'endProfiling' | 'dispose'>;

/** The session of a graph without nodes, which ONNX Runtime refuses. */
const IDLE: LoadedSession = {
  run: () => ({}),
  endProfiling: () => undefined,
  dispose: () => undefined,
};

/** Number of computed elements below which one thread is faster than several. */
const THREADING_THRESHOLD = 32_768;

/** Returns true if a graph computes enough for several threads; each session has its own. */
export function benefitsFromThreads(graph: Subgraph): boolean {
  let work = 0;
  for (const node of graph.nodes) {
    for (const output of node.outputs) work += sizeOf(output.shape);
    if (HEAVY.has(node.opType)) {
      for (const input of node.inputs) if (input !== null) work += 16 * sizeOf(input.shape);
    }
  }
  return work >= THREADING_THRESHOLD;
}

const HEAVY = new Set(['MatMul', 'Conv', 'ConvTranspose', 'Einsum']);

/** Returns session options from the backend's settings and the size of the graph. */
export function sessionOptions(graph: Subgraph, overrides: OrtSessionOptions = {}): OrtSessionOptions {
  const { intraOpNumThreads, executionProviders, allowSpinning } = onnxRuntimeOptions();
  return {
    intraOpNumThreads: benefitsFromThreads(graph) ? intraOpNumThreads : 1,
    interOpNumThreads: 1,
    executionProviders: executionProviders.map((name) => ({ name })),
    graphOptimizationLevel: 'all',
    // With the memory pattern ONNX Runtime plans one block for all activations, but keeps the memory of
    // the first, unplanned run as well: for a training step nearly twice the peak, and no faster.
    enableMemPattern: false,
    // Errors are thrown; ONNX Runtime would print them as well.
    logSeverityLevel: 4,
    ...overrides,
    extra: {
      session: {
        ...(!allowSpinning && { intra_op: { allow_spinning: '0' } }),
        ...overrides.extra?.session,
      },
    },
  };
}

const NODE_NAME = /(\w+)\/(\w+)_\d+/;

/** Converts a native failure to an error that names the TensorFlow.js kernel and the ONNX node. */
export function nativeError(
  code: 'onnxruntime-compile' | 'onnxruntime-run',
  what: string,
  cause: unknown,
): TransfusionError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const node = NODE_NAME.exec(text);
  const where = node === null ? '' : `${node[1]} (ONNX node ${node[0]}, operator ${node[2]}): `;
  return new TransfusionError(code, `${where}ONNX Runtime ${what}: ${text}`, { cause });
}
