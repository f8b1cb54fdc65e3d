import type * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import type { GraphDtype } from './dtype.js';
import { setRecorder, type Recorder } from './emit.js';
import { Value, type Shape } from './value.js';

/** A tensor that a traced function closes over. */
export interface Capture {
  /** Represents the tensor inside the graph. */
  readonly placeholder: Value;
  readonly dataId: object;
  /** Set for the value of a variable, which is looked up at each call and not held. */
  readonly variable: tf.Variable | null;
  /** Keeps the data of any other tensor until the compiled function is disposed. */
  readonly held: tf.Tensor | null;
}

/**
 * The recording of one jitted function. While a trace is active the backend records into it, and
 * operations that need a concrete value throw.
 */
export class Trace implements Recorder {
  readonly owner = this;
  /** By data id. */
  readonly captures = new Map<object, Capture>();
  /**
   * The variable that had each data id when the trace began. By now it may have been reassigned, and
   * views (`w.reshape(…)`) or other variables may have the data id too.
   */
  readonly variables = new Map<object, tf.Variable>();

  /** @param embedCaptures whether captured tensors become constants of the graph. */
  constructor(
    readonly functionName: string,
    readonly embedCaptures = false,
  ) {}

  recorded(): void {
    // A trace keeps no list: its nodes are found from its outputs.
  }

  placeholder(shape: Shape, dtype: GraphDtype): Value {
    return new Value(shape, dtype, this);
  }

  /** Returns the error for an operation that cannot be recorded. */
  reject(code: 'read-in-jit' | 'random-in-jit' | 'unsupported-in-jit', op: string): TransfusionError {
    const where = `jit(${this.functionName}): ${op}`;
    switch (code) {
      case 'read-in-jit':
        return new TransfusionError(
          code,
          `${where} reads a tensor's value, which does not exist yet while the function is being ` +
            'traced. Return the tensor and read it outside, or express the decision with ops ' +
            '(tf.where, tf.mul with a mask).',
        );
      case 'random-in-jit':
        return new TransfusionError(
          code,
          `${where} samples random numbers in JavaScript, which would become constants of the compiled ` +
            'function. Sample them outside and pass them in as an argument.',
        );
      case 'unsupported-in-jit':
        return new TransfusionError(
          code,
          `${where} has no ONNX form: it runs in JavaScript, which a compiled function cannot ` +
            'call. Compute it outside and pass the result in as an argument.',
        );
    }
  }
}

let active: Trace | null = null;

/** Returns the trace being recorded, if any. */
export function activeTrace(): Trace | null {
  return active;
}

/** Runs `body`, recording into `trace`. */
export function recordInto<T>(trace: Trace, body: () => T): T {
  const outerTrace = active;
  const outerRecorder = setRecorder(trace);
  active = trace;
  try {
    return body();
  } finally {
    active = outerTrace;
    setRecorder(outerRecorder);
  }
}

/** Runs `body` outside of any trace: what it records is computed lazily, as usual. */
export function recordOutside<T>(recorder: Recorder, body: () => T): T {
  const outerTrace = active;
  const outerRecorder = setRecorder(recorder);
  active = null;
  try {
    return body();
  } finally {
    active = outerTrace;
    setRecorder(outerRecorder);
  }
}
