/** ONNX Runtime Web, for the device that computes. */
import type * as Ort from 'onnxruntime-web/wasm';

export type { Ort };

/** Device that the model runs on. */
export type Device = 'webgpu' | 'wasm';

/** Options of {@link loadOrt}. */
export interface OrtOptions {
  /**
   * Threads of `wasm`; more than one need a page that is isolated (COOP and COEP). Defaults to the number of processors, up to
   * 4, in such a page, and else to 1.
   */
  readonly numThreads?: number;
  /**
   * URL of the folder that has ONNX Runtime's `ort-wasm-simd-threaded*` files, with a slash at its end; by default they lie
   * beside this program's script.
   */
  readonly wasmPaths?: string;
}

/** Most threads that are worth it. */
const MAX_THREADS = 4;

/** Returns the number of threads of this page or process; ONNX Runtime's own default is half of the processors. */
function defaultThreads(): number {
  if (globalThis.crossOriginIsolated !== true) return 1;
  return Math.min(MAX_THREADS, navigator.hardwareConcurrency);
}

/** Loads the part of ONNX Runtime for a device. */
export async function loadOrt(
  device: Device,
  { numThreads, wasmPaths }: OrtOptions = {},
): Promise<typeof Ort> {
  const ort = await (device === 'webgpu' ? import('onnxruntime-web/webgpu') : import('onnxruntime-web/wasm'));
  ort.env.wasm.numThreads = numThreads ?? defaultThreads();
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
  // Only errors: warnings are about operators that it places on the CPU on purpose.
  ort.env.logLevel = 'error';
  return ort;
}
