/** Runs ONNX files on arrays, without TensorFlow.js. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TransfusionError } from '@transfusion/errors';
import { assertProviderStarts, type ExecutionProvider } from './runtime/execution-provider.js';
import type { NativeOutput, NativePort, NativeSession, NativeTensor } from './runtime/native-binding.js';
import { createNativeSession, loadOnnxRuntime } from './runtime/ort-binding.js';

/** Element types, and the arrays that hold their elements. */
interface OnnxArrays {
  readonly bool: Uint8Array;
  readonly float16: Uint16Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int8: Int8Array;
  readonly int16: Int16Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly string: readonly string[];
  readonly uint8: Uint8Array;
  readonly uint16: Uint16Array;
  readonly uint32: Uint32Array;
  readonly uint64: BigUint64Array;
}

/** A tensor as an array of its elements, in row-major order; of float16, their bits. */
export type OnnxTensor = {
  readonly [Dtype in keyof OnnxArrays]: {
    readonly dtype: Dtype;
    readonly shape: readonly number[];
    readonly data: OnnxArrays[Dtype];
  };
}[keyof OnnxArrays];

/** An input or output of an ONNX file. */
export interface OnnxPort {
  readonly name: string;
  /** Element type, also one without an array in JavaScript (`bfloat16`); undefined if it is not a tensor. */
  readonly dtype: string | undefined;
  /** Length of each axis, or its name (which may be empty) if it is dynamic; empty for scalars and unknown shapes. */
  readonly shape: readonly (number | string)[];
}

/** An open ONNX file. */
export interface OnnxModel {
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  /**
   * Computes outputs, by name, from all inputs. Yields to the event loop first; then it blocks.
   *
   * @param fetches names of the outputs to return; defaults to all
   * @throws TransfusionError `invalid-argument` for missing inputs and unknown names; `onnxruntime-run` if ONNX Runtime
   *   fails (its error is the cause), e.g. for a shape that does not fit; `disposed` after `dispose`
   */
  run(
    feeds: Readonly<Record<string, OnnxTensor>>,
    fetches?: readonly string[],
  ): Promise<Record<string, OnnxTensor>>;
  /** Frees the weights. */
  dispose(): void;
}

/** Options of {@link openOnnxModel}. */
export interface OpenOnnxModelOptions {
  /** Tried in order for each operator. Defaults to `['cpu']`. */
  readonly executionProviders?: readonly ExecutionProvider[];
}

/**
 * Opens an ONNX file, and the file of its external data if there is one.
 *
 * @throws TransfusionError `invalid-file` if ONNX Runtime cannot load it, `invalid-argument` for an execution provider
 *   that does not start on this machine, `engine-missing` if ONNX Runtime itself does not load
 */
export async function openOnnxModel(
  path: string,
  { executionProviders = ['cpu'] }: OpenOnnxModelOptions = {},
): Promise<OnnxModel> {
  await nextTurn();
  executionProviders.forEach(assertProviderStarts);
  let session: NativeSession | undefined = openSession(path, executionProviders);
  const inputs = session.inputMetadata.map(onnxPort);
  const outputs = session.outputMetadata.map(onnxPort);
  return {
    inputs,
    outputs,
    run: async (feeds, fetches = outputs.map(({ name }) => name)) => {
      const missing = inputs.find(({ name }) => !Object.hasOwn(feeds, name));
      if (missing !== undefined) throw wrongName(path, 'misses the input', missing.name, inputs);
      checkNames(path, 'input', Object.keys(feeds), inputs);
      checkNames(path, 'output', fetches, outputs);
      await nextTurn();
      if (session === undefined) {
        throw new TransfusionError('disposed', `${path}: run after dispose. Open the model again.`);
      }
      return runSession(path, session, feeds, fetches);
    },
    dispose: () => {
      session?.dispose();
      session = undefined;
    },
  };
}

function openSession(path: string, executionProviders: readonly ExecutionProvider[]): NativeSession {
  loadOnnxRuntime();
  try {
    // Errors are thrown; ONNX Runtime would also print them.
    return createNativeSession(path, { executionProviders, logSeverityLevel: 4 });
  } catch (cause) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: ONNX Runtime cannot load it (${messageOf(cause)}). Export or copy it again, with its ` +
        'model.onnx_data if there is one.',
      { cause },
    );
  }
}

function checkNames(
  path: string,
  kind: 'input' | 'output',
  names: readonly string[],
  ports: readonly OnnxPort[],
): void {
  const unknown = names.find((name) => ports.every((port) => port.name !== name));
  if (unknown !== undefined) throw wrongName(path, `has no ${kind}`, unknown, ports);
}

function wrongName(
  path: string,
  problem: string,
  name: string,
  ports: readonly OnnxPort[],
): TransfusionError {
  const known = ports.map((port) => `'${port.name}'`).join(', ');
  return new TransfusionError('invalid-argument', `${path}: ${problem} '${name}', expected ${known}.`);
}

function runSession(
  path: string,
  session: NativeSession,
  feeds: Readonly<Record<string, OnnxTensor>>,
  fetches: readonly string[],
): Record<string, OnnxTensor> {
  const fetched = Object.fromEntries(fetches.map((name) => [name, null]));
  try {
    return mapValues(session.run(mapValues(feeds, nativeTensor), fetched, {}), onnxTensor);
  } catch (cause) {
    const message = `${path}: ONNX Runtime failed: ${messageOf(cause)}`;
    throw new TransfusionError('onnxruntime-run', message, { cause });
  }
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function nativeTensor({ dtype, shape, data }: OnnxTensor): NativeTensor {
  return { type: dtype, dims: shape, data, location: 'cpu' };
}

function onnxTensor({ type, dims, data }: NativeOutput): OnnxTensor {
  // The class of onnxruntime-node has a Float16Array for the bits, where JavaScript has one.
  const array = type === 'float16' ? bitsOf(data as ArrayBufferView) : data;
  return { dtype: type, shape: dims, data: array } as OnnxTensor;
}

function bitsOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint16Array {
  return new Uint16Array(buffer, byteOffset, byteLength / 2);
}

/** Names of ONNX's `TensorProto.DataType`, in the order of their numbers. */
const DTYPES = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
];

function onnxPort({ name, isTensor, type, shape, symbolicDimensions }: NativePort): OnnxPort {
  if (!isTensor) return { name, dtype: undefined, shape: [] };
  const dtype = DTYPES[type] ?? `type ${type}`;
  return {
    name,
    dtype,
    shape: shape.map((length, axis) => (length < 0 ? symbolicDimensions[axis] : length)),
  };
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim();
}
