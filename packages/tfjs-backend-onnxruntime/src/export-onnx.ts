import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { BACKEND_NAME, type OnnxRuntimeBackend } from './backend/backend.js';
import { EngineError } from './errors.js';
import { bytesOf, type GraphArray } from './graph/dtype.js';
import { encodeModel, type GraphPort, type Initializer } from './graph/model-proto.js';
import { collectSubgraph, structuralName } from './graph/subgraph.js';
import type { Value } from './graph/value.js';
import { releaseCaptures, traceFunction, type TracedFunction } from './jit/trace-function.js';
import { Trace } from './jit/trace.js';
import { describeTree } from './jit/tree.js';

/** Options of {@link exportOnnx}. */
export interface ExportOnnxOptions<Params> {
  /** File to write, e.g. `model.onnx`. Without it the model is only returned. */
  readonly path?: string;
  /**
   * A tree of weights, passed to the function as its first argument and written into the file as
   * initializers named by their dotted paths (`layers.0.weight`).
   */
  readonly params?: Params;
  /** One for each tensor of the inputs, in order. Default: `input0`, `input1`, … */
  readonly inputNames?: readonly string[];
  /** One for each tensor of the result, in order. Default: their paths in the result. */
  readonly outputNames?: readonly string[];
  /**
   * Keeps the weights in a second file, `<path>.data`. Default: only if the model would exceed the
   * 2 GB that a protocol buffer can hold.
   */
  readonly externalData?: boolean;
}

/** What {@link exportOnnx} wrote. */
export interface ExportedModel {
  /** The serialised `ModelProto`. */
  readonly onnx: Uint8Array;
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  readonly nodeCount: number;
  /** Files written: none, the model, or the model and its data. */
  readonly files: readonly string[];
}

/** A protocol buffer holds less than 2 GiB; the rest is room for the graph itself. */
const MAX_EMBEDDED_BYTES = 2 ** 31 - 2 ** 26;

/**
 * Writes a function of tensors as an ONNX file that any ONNX Runtime loads. The function is traced
 * as by `jit`; tensors and variables that it uses without getting them as arguments become
 * initializers, with the values they have now.
 *
 * @param fn gets `params` first, if given, then the inputs
 * @param exampleInputs trees of tensors whose shapes and element types the file will expect
 * @throws EngineError as `jit` does; `invalid-argument` if the names do not fit the tensors, or the
 * active backend is not `onnxruntime`.
 */
export function exportOnnx<Params = undefined>(
  fn: (...args: never) => unknown,
  exampleInputs: readonly unknown[],
  options: ExportOnnxOptions<Params> = {},
): ExportedModel {
  if (tf.getBackend() !== BACKEND_NAME) {
    throw new EngineError(
      'invalid-argument',
      `exportOnnx: the backend is '${tf.getBackend()}'. Call tf.setBackend('${BACKEND_NAME}') first.`,
    );
  }
  const backend = tf.backend() as OnnxRuntimeBackend;
  const params = describeTree(options.params ?? [], 'exportOnnx params').leaves;
  const inputs = describeTree(exampleInputs, 'exportOnnx inputs').leaves;
  const args = options.params === undefined ? exampleInputs : [options.params, ...exampleInputs];
  const traced = traceFunction(
    backend,
    new Trace(fn.name || 'exported'),
    fn,
    describeTree(args, 'exportOnnx arguments').spec,
  );

  const names = new Map<Value, string>();
  const inputNames = chosenNames('inputNames', options.inputNames, inputs.map((_, i) => `input${i}`));
  const outputNames = chosenNames('outputNames', options.outputNames, resultNames(traced));
  traced.results.forEach((value, i) => names.set(value, outputNames[i]));
  const inputValues = traced.parameters.slice(params.length);
  inputValues.forEach((value, i) => names.set(value, inputNames[i]));

  const weights: { value: Value; data: GraphArray }[] = [];
  params.forEach(({ path, tensor }, i) => {
    names.set(traced.parameters[i], dotted(path));
    weights.push({ value: traced.parameters[i], data: backend.bufferOf(tensor.dataId).array });
  });
  traced.captures.forEach(({ placeholder, dataId, variable }, i) => {
    names.set(placeholder, variable?.name ?? `captured${i}`);
    weights.push({ value: placeholder, data: backend.bufferOf(dataId).array });
  });
  assertDistinct([...names.values()]);

  const graph = collectSubgraph(traced.results.filter(({ producer }) => producer !== null));
  const nameOf = (value: Value): string => names.get(value) ?? structuralName(value);
  const port = (value: Value): GraphPort => ({
    name: nameOf(value),
    shape: value.shape,
    dtype: value.dtype,
  });
  const used = weights.filter(({ value }) => graph.inputs.includes(value));
  const bytes = used.reduce((sum, { data }) => sum + data.byteLength, 0);
  const external = options.externalData ?? bytes > MAX_EMBEDDED_BYTES;
  if (external && options.path === undefined) {
    throw new EngineError('invalid-argument', 'exportOnnx: external data needs a path to lie beside.');
  }
  const dataPath = external ? `${options.path}.data` : undefined;
  const initializers: Initializer[] = [
    ...graph.constants.map((value) => ({ ...port(value), data: value.constant! })),
    ...(dataPath === undefined
      ? used.map(({ value, data }) => ({ ...port(value), data }))
      : writeData(dataPath, used.map(({ value, data }) => ({ ...port(value), data })))),
  ];
  const model = {
    nodes: graph.nodes,
    inputs: inputValues.map(port),
    outputs: graph.outputs.map(port),
    initializers,
    nameOf,
  };
  const onnx = encodeModel(model);
  if (options.path !== undefined) writeFileSync(options.path, onnx);
  releaseCaptures(backend, traced.captures);
  return {
    onnx,
    inputs: model.inputs,
    outputs: model.outputs,
    nodeCount: graph.nodes.length,
    files: [options.path, dataPath].filter((path) => path !== undefined),
  };
}

/** Writes the weights one after another and tells where each lies. */
function writeData(
  path: string,
  weights: readonly (GraphPort & { readonly data: GraphArray })[],
): Initializer[] {
  const file = openSync(path, 'w');
  try {
    let offset = 0;
    return weights.map((weight) => {
      const bytes = bytesOf(weight.data);
      for (let written = 0; written < bytes.length; ) {
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

/** `[0].layers[2].weight` without its first step, as `layers.2.weight`. */
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
  if (chosen.length === fallback.length) return chosen;
  throw new EngineError(
    'invalid-argument',
    `exportOnnx: ${option} has ${chosen.length} names for ${fallback.length} tensors. ` +
      'Give one for each tensor, in order.',
  );
}

function assertDistinct(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new EngineError(
    'invalid-argument',
    `exportOnnx: two tensors are named '${twice}'. Choose other inputNames or outputNames.`,
  );
}
