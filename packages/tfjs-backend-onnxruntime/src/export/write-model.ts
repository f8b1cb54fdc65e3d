/** Writes a traced function and its weights as an ONNX file. */
import { writeFileSync } from 'node:fs';
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { BACKEND_NAME, type OnnxRuntimeBackend } from '../backend/backend.js';
import { encodeModel, type GraphPort } from '../graph/model-proto.js';
import { collectSubgraph } from '../graph/subgraph.js';
import type { Value } from '../graph/value.js';
import { placeWeights } from './external-data.js';
import { valueNames } from './names.js';
import { assertPrecision, storeWeights, type WeightPrecision } from './store-weights.js';
import type { Weight } from './weights.js';
import type { WeightsFile } from './weights-file.js';

/** Options of each export. */
export interface OnnxFileOptions<Params> {
  /** File to write, e.g. `model.onnx`. Without it the model is only returned. */
  readonly path?: string;
  /**
   * A tree of weights, passed to the function as its first argument and written into the file as
   * initializers named by their dotted paths (`layers.0.weight`).
   */
  readonly params?: Params;
  /**
   * Element type in which the weights of matrix products, convolutions and embeddings are stored, if they have 1024
   * elements or more; all else, and all computation, stays float32. Defaults to `single`.
   *
   * - `half`: float16, behind a `Cast`. Half the size; ONNX Runtime casts once, when it loads the file.
   * - `int8`: symmetric, with a scale for each output channel (of an embedding: each row), behind a
   *   `DequantizeLinear`. A quarter of the size. ONNX Runtime dequantizes in each run (or, natively on a CPU, rounds
   *   activations to multiply integers), but once at load with the session option `session.disable_quant_qdq` at `1`.
   */
  readonly precision?: WeightPrecision;
  /**
   * Keeps the weights outside of the model (ONNX external data): `true` for a file of its own, `<path>.data`; or a
   * file that several models share, of `createWeightsFile`. Defaults to true only if the model would exceed the 2 GB
   * limit of protocol buffers.
   */
  readonly externalData?: boolean | WeightsFile;
}

/** An exported function. */
export interface ExportedModel {
  /** The serialized `ModelProto`. */
  readonly onnx: Uint8Array;
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  readonly nodeCount: number;
  /** Files that hold the model: none, the model, or the model and its weights. */
  readonly files: readonly string[];
}

/** A graph to write. */
export interface GraphToWrite {
  /** Name of the export in errors. */
  readonly where: string;
  readonly inputs: readonly NamedValue[];
  readonly outputs: readonly NamedValue[];
  readonly weights: readonly Weight[];
}

/** An input or output. */
export interface NamedValue {
  readonly name: string;
  readonly value: Value;
  readonly shape: readonly (number | string)[];
}

/** Returns the backend that traces functions; throws if another one is active. */
export function tracingBackend(where: string): OnnxRuntimeBackend {
  if (tf.getBackend() === BACKEND_NAME) return tf.backend() as OnnxRuntimeBackend;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: the active backend is '${tf.getBackend()}'. Call tf.setBackend('${BACKEND_NAME}') first.`,
  );
}

/** Writes the file or files, as the options ask. */
export function writeModel(
  { where, inputs, outputs, weights }: GraphToWrite,
  { path, precision = 'single', externalData }: Omit<OnnxFileOptions<unknown>, 'params'>,
): ExportedModel {
  assertPrecision(where, precision);
  assertComputed(where, outputs);
  const results = outputs.map(({ value }) => value);
  const stored = storeWeights(weights, results, precision);
  const nameOf = valueNames(where, [...inputs, ...outputs, ...stored]);
  const graph = collectSubgraph(results);
  const used = stored
    .filter(({ value }) => graph.inputs.includes(value))
    .map(({ value: { shape, dtype }, name, data }) => ({ name, shape, dtype, data }));
  const { initializers, file } = placeWeights(where, used, { externalData, path });
  const port = ({ name, shape, value: { dtype } }: NamedValue): GraphPort => ({ name, shape, dtype });
  const ports = { inputs: inputs.map(port), outputs: outputs.map(port) };
  const constants = graph.constants.map((value) => {
    return { name: nameOf(value), shape: value.shape, dtype: value.dtype, data: value.constant! };
  });
  const onnx = encodeModel({
    nodes: graph.nodes,
    ...ports,
    initializers: [...constants, ...initializers],
    nameOf,
  });
  if (path !== undefined) writeFileSync(path, onnx);
  const files = [path, file].filter((name) => name !== undefined);
  return { onnx, ...ports, nodeCount: graph.nodes.length, files };
}

function assertComputed(where: string, outputs: readonly NamedValue[]): void {
  for (const { name, value } of outputs) {
    if (value.producer !== null) continue;
    throw new TransfusionError(
      'invalid-argument',
      `${where}: the result '${name}' is empty (shape [${value.shape}]). Leave it out.`,
    );
  }
}
