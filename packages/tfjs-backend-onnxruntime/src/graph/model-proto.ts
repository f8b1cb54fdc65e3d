import { bytesOf, onnxType, type GraphArray, type GraphDtype } from './dtype.js';
import { ProtobufWriter } from './protobuf-writer.js';
import { isPending } from './subgraph.js';
import type { Attribute, GraphNode, Shape, Value } from './value.js';

/** Operator-set and file versions: the lowest with every operator that the kernels use. */
const OPSET_VERSION = 21;
const IR_VERSION = 10;

/** `AttributeProto.AttributeType`. */
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_INTS = 7;

/** Location of an initializer's data outside the model file. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

export interface Initializer {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: GraphDtype;
  readonly data: GraphArray | ExternalData;
}

/** An input or output of an ONNX graph. */
export interface GraphPort {
  readonly name: string;
  /** Length of each axis, or its name (`dim_param`) if it has any length. */
  readonly shape: readonly (number | string)[];
  readonly dtype: GraphDtype;
}

export interface ModelDescription {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  readonly initializers: readonly Initializer[];
  /** Returns the name of a value inside the graph. */
  readonly nameOf: (value: Value) => string;
}

/**
 * Returns the name of the `index`-th node: the TensorFlow.js kernel it came from, which ONNX Runtime
 * then quotes in its errors and profiles.
 */
export function nodeName(node: GraphNode, index: number): string {
  return `${node.kernel}/${node.opType}_${index}`;
}

/** Serializes a graph as an ONNX `ModelProto` (field numbers from onnx.proto3). */
export function encodeModel(model: ModelDescription): Uint8Array {
  const graph = new ProtobufWriter();
  model.nodes.forEach((node, index) => {
    graph.message(1, encodeNode(node, nodeName(node, index), model.nameOf));
  });
  graph.string(2, 'tfjs');
  for (const initializer of model.initializers) graph.message(5, encodeTensor(initializer));
  for (const input of model.inputs) graph.message(11, encodePort(input));
  for (const output of model.outputs) graph.message(12, encodePort(output));

  const proto = new ProtobufWriter()
    .int(1, IR_VERSION)
    .string(2, '@transfusion/tfjs-backend-onnxruntime')
    .message(7, graph)
    .message(8, new ProtobufWriter().string(1, '').int(2, OPSET_VERSION));
  return proto.finish();
}

function encodeNode(node: GraphNode, name: string, nameOf: (value: Value) => string): ProtobufWriter {
  const proto = new ProtobufWriter();
  for (const input of node.inputs) proto.string(1, input === null ? '' : nameOf(input));
  node.outputs.forEach((output, i) => {
    // An output that was computed without this node has another name by now.
    proto.string(2, isPending(output, node) ? nameOf(output) : `${name}:${i}`);
  });
  proto.string(3, name).string(4, node.opType);
  for (const key in node.attributes) {
    proto.message(5, encodeAttribute(key, node.attributes[key]!));
  }
  return proto;
}

function encodeAttribute(name: string, value: Attribute): ProtobufWriter {
  const proto = new ProtobufWriter().string(1, name);
  if (typeof value === 'number') return proto.int(3, value).int(20, ATTRIBUTE_INT);
  if (typeof value === 'string') return proto.string(4, value).int(20, ATTRIBUTE_STRING);
  if ('float' in value) return proto.float(2, value.float).int(20, ATTRIBUTE_FLOAT);
  return proto.packedInts(8, value).int(20, ATTRIBUTE_INTS);
}

function encodeTensor({ name, shape, dtype, data }: Initializer): ProtobufWriter {
  const proto = new ProtobufWriter().packedInts(1, shape).int(2, onnxType(dtype)).string(8, name);
  if (!('location' in data)) return proto.bytes(9, bytesOf(data));
  const entry = (key: string, value: string): ProtobufWriter =>
    new ProtobufWriter().string(1, key).string(2, value);
  return proto
    .message(13, entry('location', data.location))
    .message(13, entry('offset', String(data.offset)))
    .message(13, entry('length', String(data.length)))
    .int(14, 1);
}

function encodePort({ name, shape, dtype }: GraphPort): ProtobufWriter {
  const dims = new ProtobufWriter();
  for (const dim of shape) {
    const proto = new ProtobufWriter();
    dims.message(1, typeof dim === 'number' ? proto.int(1, dim) : proto.string(2, dim));
  }
  const tensorType = new ProtobufWriter().int(1, onnxType(dtype)).message(2, dims);
  return new ProtobufWriter().string(1, name).message(2, new ProtobufWriter().message(1, tensorType));
}
