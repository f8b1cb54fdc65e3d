import { TransfusionError } from '@transfusion/errors';
import { DataBuffer } from './data-buffer.js';
import { constant, constantOf, GraphNode, sizeOf, Value, type Attributes, type Shape } from './value.js';
import { arrayFrom, type GraphDtype } from './dtype.js';

/** Shape and element type of a node's output. */
export interface OutputSpec {
  readonly shape: Shape;
  readonly dtype: GraphDtype;
}

/** Receives each node as it is recorded: the backend counts nodes, a trace owns them. */
export interface Recorder {
  readonly owner: object | null;
  recorded(node: GraphNode): void;
}

let recorder: Recorder = { owner: null, recorded: () => undefined };
let currentKernel = '';

/** Makes `next` the current recorder; returns the previous one. */
export function setRecorder(next: Recorder): Recorder {
  const previous = recorder;
  recorder = next;
  return previous;
}

/** Attributes the nodes that `body` records to a TensorFlow.js kernel. */
export function withKernel<T>(kernel: string, body: () => T): T {
  const outer = currentKernel;
  currentKernel = kernel;
  try {
    return body();
  } finally {
    currentKernel = outer;
  }
}

/** Records one ONNX node with several outputs. A `null` input is an omitted optional input. */
export function emitMany(
  opType: string,
  inputs: readonly (Value | null)[],
  specs: readonly OutputSpec[],
  attributes: Attributes = {},
): Value[] {
  for (const { shape } of specs) assertShape(shape, inputs);
  assertAttributes(opType, attributes);
  if (specs.every(({ shape }) => sizeOf(shape) === 0)) {
    // Nothing to compute; not every operator of ONNX Runtime takes empty tensors.
    return specs.map(({ shape, dtype }) => constantOf(arrayFrom([], dtype), shape, dtype));
  }
  const outputs = specs.map((spec) => new Value(spec.shape, spec.dtype, recorder.owner));
  const node = new GraphNode(opType, inputs, outputs, attributes, currentKernel);
  for (const output of outputs) output.producer = node;
  recorder.recorded(node);
  return outputs;
}

/** Rejects shapes that TensorFlow.js's own checks let pass, such as a negative repeat. */
function assertShape(shape: Shape, inputs: readonly (Value | null)[]): void {
  for (const dim of shape) {
    if (Number.isInteger(dim) && dim >= 0) continue;
    const shapes = inputs.map((input) => (input === null ? 'nothing' : `[${input.shape}]`)).join(', ');
    throw new TransfusionError(
      'invalid-argument',
      `${currentKernel}: the result would have the shape [${shape}]. Check the arguments; the tensors are ${shapes}.`,
    );
  }
}

/** Rejects fractional attributes, such as paddings, which ONNX does not have. */
function assertAttributes(opType: string, attributes: Attributes): void {
  for (const name in attributes) {
    const value = attributes[name];
    if (typeof value === 'string' || (typeof value === 'object' && 'float' in value)) continue;
    if (typeof value === 'number' ? Number.isInteger(value) : value.every(Number.isInteger)) continue;
    throw new TransfusionError(
      'invalid-argument',
      `${currentKernel}: '${name}' of ONNX's ${opType} would be ${String(value)}, expected integers.`,
    );
  }
}

/** Records one ONNX node with one output of this shape and element type. */
export function emit(
  opType: string,
  inputs: readonly (Value | null)[],
  shape: Shape,
  dtype: GraphDtype,
  attributes: Attributes = {},
): Value {
  return emitMany(opType, inputs, [{ shape, dtype }], attributes)[0];
}

/** Returns a one-dimensional int64 constant: shapes, axes, pads. */
export function int64s(values: readonly number[]): Value {
  return constant(values, [values.length], 'int64');
}

/**
 * Like {@link int64s}, for values that vary between calls, such as the start of a slice: lazy
 * execution feeds them, so that one compiled graph serves all.
 */
export function offsets(values: readonly number[]): Value {
  if (recorder.owner !== null) return int64s(values);
  const fed = new Value([values.length], 'int64');
  fed.buffer = new DataBuffer(arrayFrom(values, 'int64'));
  return fed;
}

/** Returns a constant of rank 0. */
export function scalar(value: number, dtype: GraphDtype): Value {
  return constant([value], [], dtype);
}
