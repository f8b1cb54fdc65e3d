import * as tf from '@transfusion/tfjs';
import type { OnnxRuntimeBackend } from '../backend/backend.js';
import { TransfusionError } from '@transfusion/errors';
import { emit } from '../graph/emit.js';
import { recordInto, recordOutside, type Capture, type Trace } from '../graph/trace.js';
import type { Value } from '../graph/value.js';
import { describeTree, rebuildTree, type TreeSpec } from './tree.js';

/** A function recorded as a graph. */
export interface TracedFunction {
  /** The placeholder of each tensor of the arguments, in tree order. */
  readonly parameters: readonly Value[];
  readonly captures: readonly Capture[];
  readonly resultSpec: TreeSpec;
  /** The path of each tensor in the result. */
  readonly resultPaths: readonly string[];
  /** The graph value of each tensor of the result, in tree order. */
  readonly results: readonly Value[];
  /** Variables that the function assigns, with their new values. */
  readonly assignments: readonly { readonly variable: tf.Variable; readonly value: Value }[];
  readonly milliseconds: number;
}

/**
 * Calls `fn` once with placeholders, so that every operation in it, gradients included, is recorded
 * instead of computed. Restores the values of variables afterwards.
 */
export function traceFunction(
  backend: OnnxRuntimeBackend,
  trace: Trace,
  fn: (...args: never) => unknown,
  argsSpec: TreeSpec,
): TracedFunction {
  const started = performance.now();
  const name = trace.functionName;
  const parameters: Value[] = [];
  const variables = new VariableWatch(backend, trace);
  try {
    const { resultSpec, resultPaths, results, assigned } = recordInto(trace, () =>
      inScope(() => {
        const args = rebuildTree(argsSpec, placeholders(argsSpec, trace, backend, parameters));
        const result = variables.watching(() => fn(...(args as never)));
        if (result instanceof Promise) {
          // It will reject outside of the trace, and an unhandled rejection ends the process.
          result.catch(() => undefined);
          throw new TransfusionError(
            'invalid-argument',
            `jit(${name}): the function is async. A compiled function must compute its result ` +
              'synchronously; await what it needs before the call.',
          );
        }
        const { spec, leaves } = describeTree(result, `jit(${name}) result`);
        for (const { path, tensor } of leaves) assertNumeric(tensor, `jit(${name}) result${path}`);
        const seen = new Set<Value>();
        const results = leaves.map(({ tensor }) => asOutput(backend.graphValue(tensor), seen));
        const assigned = variables.assigned().map((variable) => {
          if (trace.embedCaptures) throw frozenVariable(name, variable);
          return { variable, value: asOutput(backend.graphValue(variable), seen) };
        });
        return { resultSpec: spec, resultPaths: leaves.map(({ path }) => path), results, assigned };
      }),
    );
    return {
      parameters,
      captures: [...trace.captures.values()],
      resultSpec,
      resultPaths,
      results,
      assignments: assigned,
      milliseconds: performance.now() - started,
    };
  } catch (error) {
    releaseCaptures(trace.captures.values());
    throw error;
  } finally {
    variables.restore();
  }
}

function frozenVariable(functionName: string, { name }: tf.Variable): TransfusionError {
  return new TransfusionError(
    'invalid-argument',
    `jit(${functionName}): captures: 'embed' freezes variables, but the function assigns '${name}'. ` +
      "Use captures: 'feed'.",
  );
}

/** Releases the captured tensors of a traced function. */
export function releaseCaptures(captures: Iterable<Capture>): void {
  for (const { held } of captures) held?.dispose();
}

/** `tf.tidy` for a body that returns something other than tensors. */
function inScope<T>(body: () => T): T {
  let result: { readonly value: T } | undefined;
  tf.tidy(() => {
    result = { value: body() };
  });
  return result!.value;
}

function* placeholders(
  spec: TreeSpec,
  trace: Trace,
  backend: OnnxRuntimeBackend,
  parameters: Value[],
): Generator<tf.Tensor, never> {
  for (const { shape, dtype } of tensorSpecs(spec)) {
    assertNumeric({ dtype }, `jit(${trace.functionName}) arguments`);
    const value = trace.placeholder(shape, dtype as Value['dtype']);
    parameters.push(value);
    yield tf.engine().makeTensorFromTensorInfo(backend.tensorOf(value));
  }
  throw new Error('unreachable: a tree asks for exactly its own tensors');
}

function assertNumeric({ dtype }: { readonly dtype: tf.DataType }, where: string): void {
  if (dtype !== 'string' && dtype !== 'complex64') return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: a ${dtype} tensor; a compiled function takes and returns float32, int32 and bool tensors only.`,
  );
}

function* tensorSpecs(spec: TreeSpec): Generator<Extract<TreeSpec, { kind: 'tensor' }>> {
  if (spec.kind === 'tensor') yield spec;
  if (spec.kind === 'list' || spec.kind === 'record') {
    for (const item of spec.items) yield* tensorSpecs(item);
  }
}

/**
 * Makes graph outputs computed and distinct: any other goes through an Identity node. (Empty outputs
 * stay constants.)
 */
function asOutput(value: Value, seen: Set<Value>): Value {
  const output =
    value.producer === null || seen.has(value) ? emit('Identity', [value], value.shape, value.dtype) : value;
  seen.add(output);
  return output;
}

/** Observes which variables a traced function creates and assigns, and undoes it afterwards. */
class VariableWatch {
  private readonly before = new Map<tf.Variable, tf.TensorInfo>();

  constructor(
    private readonly backend: OnnxRuntimeBackend,
    private readonly trace: Trace,
  ) {
    for (const variable of Object.values(tf.engine().state.registeredVariables)) this.watch(variable);
  }

  /**
   * Variables created during the trace (optimizers create theirs at the first step) get their initial
   * value at once: they outlive the trace, so they must not hold a value that exists only in it.
   */
  watching<T>(body: () => T): T {
    const engine = tf.engine();
    const original = engine.makeVariable;
    engine.makeVariable = (initial, trainable, name, dtype) => {
      const cast = dtype !== undefined && dtype !== initial.dtype ? tf.cast(initial, dtype) : initial;
      const concrete = this.initialValue(cast);
      const variable = original.call(engine, concrete, trainable, name, dtype);
      this.watch(variable);
      return variable;
    };
    try {
      return body();
    } finally {
      engine.makeVariable = original;
    }
  }

  assigned(): tf.Variable[] {
    return [...this.before].filter(([variable, { dataId }]) => variable.dataId !== dataId).map(([v]) => v);
  }

  restore(): void {
    for (const [variable, info] of this.before) {
      if (!variable.isDisposed && variable.dataId !== info.dataId) {
        this.backend.incRef(info.dataId);
        const value = tf.engine().makeTensorFromTensorInfo(info);
        variable.assign(value as tf.Tensor<tf.Rank>);
        value.dispose();
      }
      this.backend.disposeData(info.dataId);
    }
  }

  private watch(variable: tf.Variable): void {
    const { shape, dtype } = variable;
    if (dtype === 'string' || dtype === 'complex64') return;
    this.backend.adopt(variable);
    if (this.backend.refCount(variable.dataId) > 1) this.giveOwnData(variable);
    const { dataId } = variable;
    this.backend.incRef(dataId);
    this.before.set(variable, { dataId, shape, dtype });
    this.trace.variables.set(dataId, variable);
  }

  /** A variable shares the data of the tensor it was created from, and of its views; a trace knows it by its data. */
  private giveOwnData(variable: tf.Variable): void {
    const copy = this.copyOf(variable);
    variable.assign(copy);
    copy.dispose();
  }

  private initialValue(initial: tf.Tensor): tf.Tensor {
    try {
      return this.copyOf(initial);
    } catch (cause) {
      throw new TransfusionError(
        'variable-in-jit',
        `jit(${this.trace.functionName}): a tf.Variable was created from a value that is not known while ` +
          'tracing. Create it outside and assign to it inside.',
        { cause },
      );
    }
  }

  private copyOf({ dataId: source, shape, dtype }: tf.Tensor): tf.Tensor {
    const read = (): tf.BackendValues => this.backend.readSync(source);
    const values = this.trace.variables.has(source) ? recordOutside(this.backend.lazy, read) : read();
    const dataId = recordOutside(this.backend.lazy, () => this.backend.write(values, shape, dtype));
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
  }
}
