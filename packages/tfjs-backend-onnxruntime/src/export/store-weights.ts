/** Stores the large weights of a graph in fewer bits; everything is still computed in float32. */
import { TransfusionError } from '@transfusion/errors';
import { float16Bits, MAX_FLOAT16 } from '../graph/float16.js';
import { onnxType } from '../graph/dtype.js';
import { collectSubgraph } from '../graph/subgraph.js';
import { GraphNode, Value, type Attributes } from '../graph/value.js';
import { channelAxes } from './channel-axes.js';
import { quantize } from './quantize.js';
import type { Weight } from './weights.js';

/**
 * Element type that weights are stored in: float32; float16, behind a `Cast`, which ONNX Runtime computes when it
 * loads the file; or int8 with a scale for each output channel, behind a `DequantizeLinear`.
 */
export type WeightPrecision = (typeof WEIGHT_PRECISIONS)[number];

const WEIGHT_PRECISIONS = ['single', 'half', 'int8'] as const;

const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** Number of elements from which a weight is stored in fewer bits. */
const MIN_ELEMENTS = 1024;

/** @throws TransfusionError `invalid-argument` for anything but a precision */
export function assertPrecision(where: string, precision: WeightPrecision): void {
  if (WEIGHT_PRECISIONS.includes(precision)) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: precision is '${String(precision)}', expected ${WEIGHT_PRECISIONS.join(', ')}.`,
  );
}

/**
 * Returns the initializers that represent the weights in this precision. Those of matrix products, convolutions and
 * embeddings change: their values are then computed from the stored ones. Others, small ones, and weights beyond the
 * range of the precision stay.
 */
export function storeWeights(
  weights: readonly Weight[],
  outputs: readonly Value[],
  precision: WeightPrecision,
): Weight[] {
  if (precision === 'single') return [...weights];
  const axes = channelAxes(collectSubgraph(outputs));
  return weights.flatMap((weight) => {
    const { value, data } = weight;
    const axis = axes.get(value);
    const isMatrix = value.shape.filter((dim) => dim > 1).length >= 2;
    if (axis === undefined || !isMatrix || value.size < MIN_ELEMENTS) return weight;
    if (!(data instanceof Float32Array)) return weight;
    const limit = precision === 'half' ? MAX_FLOAT16 : MAX_FLOAT32;
    if (!data.every((element) => Math.abs(element) <= limit)) return weight;
    return precision === 'half' ? storeHalf(weight, data) : storeInt8(weight, data, axis);
  });
}

function storeHalf({ value, name }: Weight, data: Float32Array): Weight[] {
  const half = new Value(value.shape, 'float16', value.owner);
  compute(value, 'Cast', [half], { to: onnxType('float32') });
  return [{ value: half, name, data: float16Bits(data) }];
}

function storeInt8({ value, name }: Weight, data: Float32Array, axis: number): Weight[] {
  const { values, scales } = quantize(data, value.shape, axis);
  const quantized = new Value(value.shape, 'int8', value.owner);
  const scale = new Value([scales.length], 'float32', value.owner);
  compute(value, 'DequantizeLinear', [quantized, scale], { axis });
  return [
    { value: quantized, name, data: values },
    { value: scale, name: `${name}_scale`, data: scales },
  ];
}

/** Turns a placeholder into the output of a node. */
function compute(value: Value, opType: string, inputs: readonly Value[], attributes: Attributes): void {
  value.producer = new GraphNode(opType, inputs, [value], attributes, 'weights');
}
