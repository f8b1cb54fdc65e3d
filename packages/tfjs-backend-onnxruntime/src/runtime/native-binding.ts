/**
 * The native layer of `onnxruntime-node`, as far as this package calls it. Its public `InferenceSession.run` wraps the
 * synchronous native call in `setImmediate`; TensorFlow.js must be able to read a value at once (`dataSync`), so this
 * package calls the native session directly. The version is exact for that reason, and `ort-binding.test.ts` fails when
 * the layer changes.
 */
import type { GraphArray, GraphDtype } from '../graph/dtype.js';

/** Version of ONNX Runtime that has this layer. */
export const ONNX_RUNTIME_VERSION = '1.30.0';

/** A tensor of the native layer: `data` is used in place, for inputs and outputs alike. */
export interface NativeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayBufferView | readonly string[];
  readonly location: 'cpu';
}

/** A tensor of a TensorFlow.js graph. */
export interface OrtTensor extends NativeTensor {
  readonly type: GraphDtype;
  readonly data: GraphArray;
}

/** Options of a native session; names as in `onnxruntime-common`. */
export interface OrtSessionOptions {
  readonly executionProviders?: readonly (string | { readonly name: string })[];
  readonly intraOpNumThreads?: number;
  readonly interOpNumThreads?: number;
  readonly graphOptimizationLevel?: 'disabled' | 'basic' | 'extended' | 'all';
  readonly enableCpuMemArena?: boolean;
  readonly enableMemPattern?: boolean;
  readonly enableProfiling?: boolean;
  readonly profileFilePrefix?: string;
  readonly logSeverityLevel?: 0 | 1 | 2 | 3 | 4;
  /** Entries of onnxruntime_session_options_config_keys.h; dots in a key are levels of the object. */
  readonly extra?: { readonly session?: SessionEntries };
}

/** Entries by the levels of their keys. */
export interface SessionEntries {
  readonly [level: string]: string | SessionEntries;
}

/** An input or output of a model. */
export interface NativePort {
  readonly name: string;
  readonly isTensor: boolean;
  /** Number of the element type in ONNX's `TensorProto.DataType`. */
  readonly type: number;
  /** Length of each axis; -1 for a dynamic one. */
  readonly shape: readonly number[];
  /** Name of each dynamic axis. */
  readonly symbolicDimensions: readonly string[];
}

/** A loaded model. */
export interface NativeSession {
  loadModel(path: string, options: OrtSessionOptions): void;
  loadModel(
    buffer: ArrayBufferLike,
    byteOffset: number,
    byteLength: number,
    options: OrtSessionOptions,
  ): void;
  readonly inputMetadata: readonly NativePort[];
  readonly outputMetadata: readonly NativePort[];
  run(
    feeds: Readonly<Record<string, NativeTensor>>,
    fetches: Readonly<Record<string, NativeTensor | null>>,
    options: object,
  ): Readonly<Record<string, NativeOutput>>;
  endProfiling(): void;
  dispose(): void;
}

/** The class of outputs, which the native layer constructs. */
export class NativeOutput {
  constructor(
    readonly type: string,
    readonly data: ArrayBufferView | readonly string[],
    readonly dims: readonly number[],
  ) {}
}

/** The exports of `onnxruntime_binding.node`. */
export interface NativeBinding {
  readonly InferenceSession: new () => NativeSession;
  initOrtOnce(logLevel: number, tensor: typeof NativeOutput, isMainThread: boolean): void;
}
