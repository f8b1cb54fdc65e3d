import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import * as tf from '@transfusion/tfjs';
import { BACKEND_NAME, type OnnxRuntimeBackend } from './backend/backend.js';
import { TransfusionError } from '@transfusion/errors';
import { bytesOf, type GraphArray } from './graph/dtype.js';
import { encodeModel, type GraphPort, type Initializer } from './graph/model-proto.js';
import { collectSubgraph, structuralName } from './graph/subgraph.js';
import { Trace } from './graph/trace.js';
import type { Value } from './graph/value.js';
import { releaseCaptures, traceFunction, type TracedFunction } from './jit/trace-function.js';
import { describeTree, type TreeLeaf } from './jit/tree.js';

/** Options of {@link exportOnnx}. */
export interface ExportOnnxOptions<Params> {
  /** File to write, e.g. `model.onnx`. Without it the model is only returned. */
  readonly path?: string;
  /**
   * A tree of weights, passed to the function as its first argument and written into the file as
   * initializers named by their dotted paths (`layers.0.weight`).
   */
  readonly params?: Params;
  /** One for each input tensor, in order. Defaults to `input0`, `input1`, … */
  readonly inputNames?: readonly string[];
  /** One for each result tensor, in order. Defaults to their paths in the result. */
  readonly outputNames?: readonly string[];
  /**
   * Keeps the weights in a second file, `<path>.data`. Defaults to true only if the model would exceed
   * the 2 GB limit of protocol buffers.
   */
  readonly externalData?: boolean;
}

/** Result of {@link exportOnnx}. */
export interface ExportedModel {
  /** The serialized `ModelProto`. */
  readonly onnx: Uint8Array;
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  readonly nodeCount: number;
  /** Files written: none, the model, or the model and its data. */
  readonly files: readonly string[];
}

/** Protocol buffers are limited to 2 GiB; the difference leaves room for the graph itself. */
const MAX_EMBEDDED_BYTES = 2 ** 31 - 2 ** 26;

/**
 * Exports a function of tensors as an ONNX file that any ONNX Runtime loads. The function is traced
 * as by `jit`; tensors and variables that it closes over become initializers with their current values.
 *
 * @param fn receives `params` first, if set, then the inputs
 * @param exampleInputs trees of tensors with the shapes and element types that the file will expect
 * @throws TransfusionError as `jit` does; `invalid-argument` if the names do not match the tensors, or the
 * active backend is not `onnxruntime`.
 */
export function exportOnnx<Params = undefined>(
  fn: (...args: never) => unknown,
  exampleInputs: readonly unknown[],
  options: ExportOnnxOptions<Params> = {},
): ExportedModel {
  if (tf.getBackend() !== BACKEND_NAME) {
    throw new TransfusionError(
      'invalid-argument',
      `exportOnnx: the active backend is '${tf.getBackend()}'. Call tf.setBackend('${BACKEND_NAME}') first.`,
    );
  }
  const backend = tf.backend() as OnnxRuntimeBackend;
  const params = describeTree(options.params ?? [], 'exportOnnx params').leaves;
  const args = options.params === undefined ? exampleInputs : [options.params, ...exampleInputs];
  const trace = new Trace(fn.name || 'exported');
  const traced = traceFunction(backend, trace, fn, describeTree(args, 'exportOnnx arguments').spec);
  try {
    return writeModel(backend, traced, params, options);
  } finally {
    releaseCaptures(traced.captures);
  }
}

function writeModel(
  backend: OnnxRuntimeBackend,
  traced: TracedFunction,
  params: readonly TreeLeaf[],
  options: ExportOnnxOptions<unknown>,
): ExportedModel {
  const inputs = traced.parameters.slice(params.length);
  const weights = weightsOf(backend, traced, params);
  const nameOf = valueNames(traced, inputs, weights, options);
  const port = (value: Value): GraphPort => ({
    name: nameOf(value),
    shape: value.shape,
    dtype: value.dtype,
  });
  const graph = collectSubgraph(traced.results);
  const used = weights
    .filter(({ value }) => graph.inputs.includes(value))
    .map(({ value, data }) => ({ ...port(value), data }));
  const dataPath = externalDataPath(used, options);
  const model = {
    nodes: graph.nodes,
    inputs: inputs.map(port),
    outputs: graph.outputs.map(port),
    initializers: [
      ...graph.constants.map((value) => ({ ...port(value), data: value.constant! })),
      ...(dataPath === undefined ? used : writeData(dataPath, used)),
    ],
    nameOf,
  };
  const onnx = encodeModel(model);
  if (options.path !== undefined) writeFileSync(options.path, onnx);
  return {
    onnx,
    inputs: model.inputs,
    outputs: model.outputs,
    nodeCount: graph.nodes.length,
    files: [options.path, dataPath].filter((path) => path !== undefined),
  };
}

/** A weight and its name in the file. */
interface Weight {
  readonly value: Value;
  readonly name: string;
  readonly data: GraphArray;
}

function weightsOf(
  backend: OnnxRuntimeBackend,
  { parameters, captures }: TracedFunction,
  params: readonly TreeLeaf[],
): Weight[] {
  const dataOf = (dataId: object): GraphArray => backend.bufferOf(dataId).array;
  return [
    ...params.map(({ path, tensor }, i) => ({
      value: parameters[i],
      name: dotted(path) || 'params',
      data: dataOf(tensor.dataId),
    })),
    ...captures.map(({ placeholder, dataId, variable }, i) => ({
      value: placeholder,
      name: variable?.name ?? `captured${i}`,
      data: dataOf(dataId),
    })),
  ];
}

/** Names inputs, outputs and weights; values inside the graph get names that clash with none of those. */
function valueNames(
  traced: TracedFunction,
  inputs: readonly Value[],
  weights: readonly Weight[],
  options: ExportOnnxOptions<unknown>,
): (value: Value) => string {
  const names = new Map<Value, string>();
  const inputNames = chosenNames(
    'inputNames',
    options.inputNames,
    inputs.map((_, i) => `input${i}`),
  );
  const outputNames = chosenNames('outputNames', options.outputNames, resultNames(traced));
  traced.results.forEach((value, i) => {
    if (value.producer === null) {
      throw new TransfusionError(
        'invalid-argument',
        `exportOnnx: the result '${outputNames[i]}' is empty (shape [${value.shape}]). Leave it out.`,
      );
    }
    names.set(value, outputNames[i]);
  });
  inputs.forEach((value, i) => names.set(value, inputNames[i]));
  for (const { value, name } of weights) names.set(value, name);
  assertDistinct([...names.values()]);
  const taken = new Set(names.values());
  return (value) => {
    let name = names.get(value);
    if (name === undefined) {
      name = structuralName(value);
      while (taken.has(name)) name = `_${name}`;
    }
    return name;
  };
}

function externalDataPath(
  weights: readonly { readonly data: GraphArray }[],
  { externalData, path }: ExportOnnxOptions<unknown>,
): string | undefined {
  const tooLarge = weights.reduce((sum, { data }) => sum + data.byteLength, 0) > MAX_EMBEDDED_BYTES;
  if (!(externalData ?? tooLarge)) {
    if (!tooLarge) return undefined;
    throw new TransfusionError(
      'invalid-argument',
      'exportOnnx: the weights exceed the 2 GB that one file can hold. Leave out `externalData: false`.',
    );
  }
  if (path !== undefined) return `${path}.data`;
  throw new TransfusionError(
    'invalid-argument',
    'exportOnnx: externalData needs a path to write the weights beside. Set `path`.',
  );
}

/** Writes the weights one after another and returns the location of each. */
function writeData(
  path: string,
  weights: readonly (GraphPort & { readonly data: GraphArray })[],
): Initializer[] {
  const file = openSync(path, 'w');
  try {
    let offset = 0;
    return weights.map((weight) => {
      const bytes = bytesOf(weight.data);
      for (let written = 0; written < bytes.length;) {
        written += writeSync(file, bytes, written, Math.min(bytes.length - written, 2 ** 30));
      }
      const data = { location: basename(path), offset, length: bytes.length };
      offset += bytes.length;
      return { ...weight, data };
    });
  } finally {
    closeSync(file);
  }
}

/** Converts the path `layers[2].weight` to `layers.2.weight`. */
function dotted(path: string): string {
  return path.replace(/\[(\d+)\]/g, '.$1').replace(/^\./, '');
}

function resultNames({ resultPaths }: TracedFunction): string[] {
  return resultPaths.map((path) => {
    const name = dotted(path);
    return /^\d|^$/.test(name) ? `output${name}` : name;
  });
}

function chosenNames(
  option: string,
  chosen: readonly string[] | undefined,
  fallback: readonly string[],
): readonly string[] {
  if (chosen === undefined) return fallback;
  if (chosen.includes('')) {
    throw new TransfusionError(
      'invalid-argument',
      `exportOnnx: ${option} contains an empty name. Name every tensor.`,
    );
  }
  if (chosen.length === fallback.length) return chosen;
  throw new TransfusionError(
    'invalid-argument',
    `exportOnnx: ${option} has ${chosen.length} names for ${fallback.length} tensors. ` +
      'Pass one for each tensor, in order.',
  );
}

function assertDistinct(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new TransfusionError(
    'invalid-argument',
    `exportOnnx: two tensors are named '${twice}'. Choose other inputNames or outputNames.`,
  );
}
