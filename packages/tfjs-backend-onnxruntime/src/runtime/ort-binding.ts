/**
 * The only file that depends on internals of `onnxruntime-node`. Its public `InferenceSession.run` wraps
 * the synchronous native call in `setImmediate`; TensorFlow.js must be able to read a value at once
 * (`dataSync`), so this package calls the native session directly. The dependency is pinned for that
 * reason, and `ort-binding.test.ts` fails when they change.
 */
import { createRequire } from 'node:module';
import { TransfusionError } from '@transfusion/errors';
import type { GraphArray, GraphDtype } from '../graph/dtype.js';

/** A tensor of the native layer: `data` is used in place, for inputs and outputs alike. */
export interface OrtTensor {
  readonly type: GraphDtype;
  readonly dims: readonly number[];
  readonly data: GraphArray;
  readonly location: 'cpu';
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
}

interface NativeSession {
  loadModel(
    buffer: ArrayBufferLike,
    byteOffset: number,
    byteLength: number,
    options: OrtSessionOptions,
  ): void;
  run(
    feeds: Readonly<Record<string, OrtTensor>>,
    fetches: Readonly<Record<string, OrtTensor | null>>,
    options: object,
  ): unknown;
  endProfiling(): void;
  dispose(): void;
}

interface NativeModule {
  readonly initOrt: () => void;
  readonly binding: {
    readonly InferenceSession: new () => NativeSession;
  };
}

let native: NativeModule | undefined;

/**
 * Loads ONNX Runtime's native library now rather than at the first computation.
 *
 * @throws TransfusionError `engine-missing` if it does not load on this machine
 */
export function loadOnnxRuntime(): void {
  loadNative();
}

/**
 * Loads ONNX Runtime's native library, once.
 *
 * @throws TransfusionError `engine-missing` if it does not load on this machine
 */
export function loadNative(): NativeModule {
  if (native !== undefined) return native;
  try {
    const require = createRequire(import.meta.url);
    const loaded = require('onnxruntime-node/dist/binding.js') as NativeModule;
    loaded.initOrt();
    return (native = loaded);
  } catch (cause) {
    throw new TransfusionError(
      'engine-missing',
      `onnxruntime-node does not load on ${process.platform}-${process.arch}. It has libraries for Linux ` +
        '(glibc), macOS and Windows. ' +
        `(${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)})`,
      { cause },
    );
  }
}

/** Loads a serialized model. Native errors are rethrown unchanged. */
export function createNativeSession(model: Uint8Array, options: OrtSessionOptions): NativeSession {
  const { binding } = loadNative();
  const session = new binding.InferenceSession();
  session.loadModel(model.buffer, model.byteOffset, model.byteLength, options);
  return session;
}

export type { NativeSession };
