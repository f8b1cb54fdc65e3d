import * as tf from '@transfusion/tfjs';
import { BACKEND_NAME, type OnnxRuntimeBackend } from '../backend/backend.js';
import { TransfusionError } from '@transfusion/errors';
import { activeTrace, Trace } from '../graph/trace.js';
import type { OrtSessionOptions } from '../runtime/native-binding.js';
import { CompiledFunction } from './compiled-function.js';
import { profileFunction, type KernelProfile } from './profile.js';
import { traceFunction } from './trace-function.js';
import { collectMatching, describeTree, firstDifference, rebuildTree } from './tree.js';

/** Options of {@link jit}. */
export interface JitOptions {
  /** Name in errors and profiles. Defaults to the function's own. */
  readonly name?: string;
  /**
   * Positions of arguments that the call consumes: their tensors are disposed, and later results
   * reuse their memory. For parameters and optimizer state, which a training step replaces.
   */
  readonly donate?: readonly number[];
  /**
   * Treatment of tensors that the function closes over. `feed` (the default): by reference; variables
   * have their value at the time of the call. `embed`: as constants with their value at the time of
   * the trace, which ONNX Runtime packs for speed, for inference with fixed weights.
   */
  readonly captures?: 'feed' | 'embed';
}

/** Description of a compiled function, by {@link Jitted.lower}. */
export interface LoweredFunction {
  /** Number of ONNX nodes, before ONNX Runtime optimizes the graph. */
  readonly nodeCount: number;
  /** Nodes of each operator type. */
  readonly nodesByOperator: Readonly<Record<string, number>>;
  /** The serialized `ModelProto`. */
  readonly onnx: Uint8Array;
  /** Time to record the function's operations. */
  readonly traceMilliseconds: number;
  /** Time to serialize the graph and to create the ONNX Runtime session. */
  readonly compileMilliseconds: number;
}

/** A function compiled by {@link jit}. */
export interface Jitted<Args extends readonly unknown[], Result> {
  (...args: Args): Result;
  /** Compiles for these arguments, without running, and describes the result. */
  lower(...args: Args): LoweredFunction;
  /** Runs a few times under ONNX Runtime's profiler; consumes and returns no tensors. */
  profile(...args: Args): KernelProfile;
  /** Number of signatures that have been compiled. */
  readonly traceCount: number;
  /** Frees the compiled graphs and the tensors they hold. A later call compiles again. */
  dispose(): void;
}

/** Number of traces after which an argument that changes at each call is probably static by mistake. */
const TRACES_BEFORE_WARNING = 16;

/**
 * Compiles a function of tensors into one ONNX graph, including TensorFlow.js gradients and optimizers
 * inside it. The function is traced at the first call with a new signature (shapes, element types,
 * structure and static values of the arguments); later calls run the graph.
 *
 * Arguments and results are trees: tensors in arrays and plain objects. Numbers, strings, booleans
 * and null in the arguments are *static*: each new value is traced and compiled again, so pass values
 * that change (a learning rate) as tensors. Variables that the function assigns are assigned at each
 * call. Numbers that the function closes over keep their value at the time of the trace, including
 * the learning rate of a `tf.train` optimizer.
 *
 * Inside another jitted function, or inside `tf.grad` and the like, the function is simply called, so
 * that its operations are recorded there, and consumes no arguments. Under a backend other than
 * `onnxruntime` it runs eagerly in a `tf.tidy`.
 *
 * @throws TransfusionError at a call: `read-in-jit` if the function reads a tensor's value,
 * `random-in-jit` if it generates random numbers, `unsupported-in-jit` if it uses a kernel without ONNX
 * form, `invalid-argument` for arguments that are not such trees, `onnxruntime-compile` or
 * `onnxruntime-run` if ONNX Runtime refuses the graph or fails in it.
 */
export function jit<Args extends readonly unknown[], Result>(
  fn: (...args: Args) => Result,
  options: JitOptions = {},
): Jitted<Args, Result> {
  const name = options.name ?? (fn.name || 'anonymous');
  const donate = options.donate ?? [];
  // Most recently used first.
  const compiled: CompiledFunction[] = [];
  let traceCount = 0;

  const compile = (args: Args, session: OrtSessionOptions = {}): CompiledFunction => {
    const { spec } = describeTree(args, `jit(${name}) arguments`);
    const backend = tf.backend() as OnnxRuntimeBackend;
    const embedCaptures = options.captures === 'embed';
    const traced = traceFunction(backend, new Trace(name, embedCaptures), fn, spec);
    return new CompiledFunction(backend, name, spec, traced, session);
  };

  /** Returns the compiled form for `args`, and appends their tensors to `tensors`. */
  const lookUp = (args: Args, tensors: tf.Tensor[]): CompiledFunction => {
    for (let i = 0; i < compiled.length; i++) {
      const entry = compiled[i];
      tensors.length = 0;
      if (!collectMatching(entry.argsSpec, args, tensors)) continue;
      if (i > 0) compiled.unshift(...compiled.splice(i, 1));
      return entry;
    }
    const entry = compile(args);
    traceCount++;
    if (traceCount === TRACES_BEFORE_WARNING) warnOfRetracing(name, compiled[0], entry);
    compiled.unshift(entry);
    tensors.length = 0;
    collectMatching(entry.argsSpec, args, tensors);
    return entry;
  };

  const call = (...args: Args): Result => {
    if (activeTrace() !== null || tf.engine().isTapeOn()) return fn(...args);
    const donated = donate.map((position) => args[position]);
    if (tf.getBackend() !== BACKEND_NAME) return runEagerly(name, fn, args, donated);
    const tensors: tf.Tensor[] = [];
    const result = lookUp(args, tensors).run(tensors) as Result;
    for (const tree of donated) tf.dispose(tree as tf.TensorContainer);
    return result;
  };

  const members = {
    lower: (...args: Args): LoweredFunction => {
      requireBackend(name, 'lower');
      return describe(lookUp(args, []));
    },
    profile: (...args: Args): KernelProfile => {
      requireBackend(name, 'profile');
      const tensors = describeTree(args, `jit(${name}) arguments`).leaves.map(({ tensor }) => tensor);
      return profileFunction(tensors, (session) => compile(args, session));
    },
    dispose: (): void => {
      for (const entry of compiled.splice(0)) entry.dispose();
    },
  };
  const jitted = Object.defineProperties(Object.assign(call, members), {
    name: { value: name },
    length: { value: fn.length },
    traceCount: { get: () => traceCount },
  });
  return jitted as typeof jitted & { readonly traceCount: number };
}

/** Runs a function eagerly, as under the other backends. */
function runEagerly<Args extends readonly unknown[], Result>(
  name: string,
  fn: (...args: Args) => Result,
  args: Args,
  donated: readonly unknown[],
): Result {
  const result = tf.tidy(() => {
    const { spec, leaves } = describeTree(fn(...args), `jit(${name}) result`);
    // A compiled graph never returns an argument or variable itself, so neither does this.
    return rebuildTree(spec, leaves.map(({ tensor }) => tensor.clone()).values()) as tf.TensorContainer;
  });
  for (const tree of donated) tf.dispose(tree as tf.TensorContainer);
  return result as Result;
}

function requireBackend(name: string, method: string): void {
  if (tf.getBackend() === BACKEND_NAME) return;
  throw new TransfusionError(
    'invalid-argument',
    `jit(${name}).${method}: needs the '${BACKEND_NAME}' backend, but '${tf.getBackend()}' is active. ` +
      `Call tf.setBackend('${BACKEND_NAME}') first.`,
  );
}

function describe({ graph, model, traced, compileMilliseconds }: CompiledFunction): LoweredFunction {
  const nodesByOperator: Record<string, number> = {};
  for (const { opType } of graph.nodes) nodesByOperator[opType] = (nodesByOperator[opType] ?? 0) + 1;
  return {
    nodeCount: graph.nodes.length,
    nodesByOperator,
    onnx: model,
    traceMilliseconds: traced.milliseconds,
    compileMilliseconds,
  };
}

function warnOfRetracing(name: string, before: CompiledFunction, after: CompiledFunction): void {
  console.warn(
    `jit(${name}) has been traced ${TRACES_BEFORE_WARNING} times; the last time because of argument ` +
      `${firstDifference(before.argsSpec, after.argsSpec)}. Each trace costs time and memory: pass ` +
      'numbers that change as tensors, and keep shapes fixed.',
  );
}
