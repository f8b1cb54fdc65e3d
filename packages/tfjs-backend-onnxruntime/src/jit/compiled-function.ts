import * as tf from '@transfusion/tfjs';
import type { OnnxRuntimeBackend } from '../backend/backend.js';
import { TransfusionError, invariant } from '@transfusion/errors';
import type { GraphArray } from '../graph/dtype.js';
import { collectSubgraph, type Subgraph } from '../graph/subgraph.js';
import type { Capture } from '../graph/trace.js';
import { Value } from '../graph/value.js';
import { Executable, modelOf, sessionOptions } from '../runtime/executable.js';
import type { OrtSessionOptions } from '../runtime/native-binding.js';
import { rebuildTree, type TreeSpec } from './tree.js';
import { releaseCaptures, type TracedFunction } from './trace-function.js';

/** Looks up the data of one graph input for a call. */
type InputSource = (args: readonly tf.Tensor[]) => GraphArray;

/** A traced function and its session, for one signature. */
export class CompiledFunction {
  readonly graph: Subgraph;
  readonly model: Uint8Array;
  readonly compileMilliseconds: number;
  private readonly executable: Executable;
  private readonly sources: readonly InputSource[];

  constructor(
    private readonly backend: OnnxRuntimeBackend,
    private readonly name: string,
    readonly argsSpec: TreeSpec,
    readonly traced: TracedFunction,
    options: OrtSessionOptions,
  ) {
    const started = performance.now();
    const values = [...traced.results, ...traced.assignments.map(({ value }) => value)];
    this.graph = collectSubgraph(values.filter((value) => value.producer !== null));
    this.model = modelOf(this.graph);
    try {
      this.executable = new Executable(this.graph, this.model, sessionOptions(this.graph, options));
    } catch (error) {
      releaseCaptures(traced.captures);
      throw error;
    }
    this.compileMilliseconds = performance.now() - started;
    this.sources = this.graph.inputs.map((input) => this.sourceOf(input));
  }

  /** Runs the graph on the tensors of the arguments, in tree order, and returns the result tree. */
  run(args: readonly tf.Tensor[]): unknown {
    const { traced } = this;
    const computed = this.compute(args);
    const tensorFor = (value: Value): tf.Tensor => {
      const info = this.backend.tensorOf(computed.get(value) ?? value);
      return tf.engine().makeTensorFromTensorInfo(info);
    };
    const tensors = traced.results.map(tensorFor);
    for (const { variable, value } of traced.assignments) {
      if (variable.isDisposed) continue;
      const next = tensorFor(value);
      variable.assign(next);
      next.dispose();
    }
    return rebuildTree(traced.resultSpec, tensors.values());
  }

  /** Runs the graph and discards the results. */
  runDiscarding(args: readonly tf.Tensor[]): void {
    for (const { buffer } of this.compute(args).values()) this.backend.pool.release(buffer!);
  }

  endProfiling(): void {
    this.executable.endProfiling();
  }

  /** Frees the session and the captured tensors. */
  dispose(): void {
    this.executable.dispose();
    releaseCaptures(this.traced.captures);
  }

  /** Runs the graph into fresh buffers, one for each output. */
  private compute(args: readonly tf.Tensor[]): Map<Value, Value> {
    const inputs = this.sources.map((source) => source(args));
    const { outputs } = this.graph;
    const results = outputs.map(({ shape, dtype, size }) => {
      const result = new Value(shape, dtype);
      result.buffer = this.backend.pool.allocate(dtype, size, 'compiled');
      return result;
    });
    this.executable.run(
      inputs,
      results.map(({ buffer }) => buffer!.array),
    );
    return new Map(outputs.map((output, i) => [output, results[i]!]));
  }

  private sourceOf(input: Value): InputSource {
    const { backend, traced } = this;
    const position = traced.parameters.indexOf(input);
    if (position >= 0) return (args) => backend.bufferOf(args[position]!.dataId).array;
    const capture = traced.captures.find(({ placeholder }) => placeholder === input);
    invariant(capture !== undefined, () => `graph input of unknown origin in jit(${this.name})`);
    return () => backend.bufferOf(this.capturedId(capture)).array;
  }

  private capturedId({ variable, dataId }: Capture): object {
    if (variable === null) return dataId;
    if (variable.isDisposed) {
      throw new TransfusionError(
        'disposed',
        `jit(${this.name}): the variable '${variable.name}', which the function uses, has been ` +
          'disposed of. Keep it for as long as you call the compiled function.',
      );
    }
    return variable.dataId;
  }
}
