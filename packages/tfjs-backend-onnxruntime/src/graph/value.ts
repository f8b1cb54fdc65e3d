import type { DataBuffer } from './data-buffer.js';
import { arrayFrom, type GraphArray, type GraphDtype } from './dtype.js';

export type Shape = readonly number[];

/** ONNX attribute: a number is an INT, `{ float }` a FLOAT, an array INTS. */
export type Attribute = number | string | { readonly float: number } | readonly number[];
export type Attributes = Readonly<Record<string, Attribute>>;

/**
 * One tensor of a graph. Its current state is given by the field that is set:
 * `producer` (computed by a node), `constant` (written into the graph), `buffer` (data on the heap,
 * fed to the graph) or none of them (a placeholder of a trace, fed at call time).
 *
 * A computed value turns into one with a `buffer` when the graph behind it has been run.
 */
export class Value {
  producer: GraphNode | null = null;
  buffer: DataBuffer | null = null;
  constant: GraphArray | null = null;
  /** Set if the computation failed; the value then has none of the three. */
  error: Error | null = null;
  /** The trace that this value belongs to; null under lazy execution. */
  readonly owner: object | null;
  /** Scratch of graph traversals: see `subgraph.ts`. */
  visit = 0;
  index = 0;
  private constantKey: string | undefined;

  constructor(
    readonly shape: Shape,
    readonly dtype: GraphDtype,
    owner: object | null = null,
  ) {
    this.owner = owner;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Identifies a constant by content, for the structure key of a graph. */
  get key(): string {
    return (this.constantKey ??= `${this.dtype}[${this.shape.join()}]${Array.from(this.constant ?? [], written).join()}`);
  }
}

/** One ONNX operator call. Only `emit` creates nodes (see `emit.ts`). */
export class GraphNode {
  visit = 0;
  /** Operator and attributes, for the structure key of a graph. */
  readonly key: string;

  constructor(
    readonly opType: string,
    readonly inputs: readonly (Value | null)[],
    readonly outputs: readonly Value[],
    readonly attributes: Attributes,
    /** The TensorFlow.js kernel that recorded the node, for errors and profiles. */
    readonly kernel: string,
  ) {
    this.key = attributesKey(opType, attributes);
  }
}

/** Formats a number; distinguishes -0 from 0, unlike `String`. */
function written(value: number | bigint): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function attributesKey(opType: string, attributes: Attributes): string {
  let key = opType;
  for (const name in attributes) {
    const value = attributes[name];
    key += `;${name}=`;
    key += typeof value === 'object' && 'float' in value ? `${written(value.float)}f` : String(value);
  }
  return key;
}

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const dim of shape) size *= dim;
  return size;
}

/** Returns a constant of the graph. Keep it small: its content is part of cache keys. */
export function constant(values: ArrayLike<number>, shape: Shape, dtype: GraphDtype): Value {
  return constantOf(arrayFrom(values, dtype), shape, dtype);
}

/** Like {@link constant}, over an array of the right type, which is not copied. */
export function constantOf(array: GraphArray, shape: Shape, dtype: GraphDtype): Value {
  const value = new Value(shape, dtype);
  value.constant = array;
  return value;
}
