import './single-copy.js';
import { registerBackend } from './register.js';

registerBackend();

export { compileDynamic, type CompileDynamicOptions } from './dynamic/compile-dynamic.js';
export type {
  DynamicArray,
  DynamicFunction,
  DynamicInput,
  DynamicShape,
} from './dynamic/dynamic-function.js';
export {
  RowCache,
  type CacheRow,
  type RowCacheOptions,
  type RowCacheStats,
  type RowView,
} from './dynamic/row-cache.js';
export { exportOnnx, type ExportedModel, type ExportOnnxOptions } from './export-onnx.js';
export type { GraphPort } from './graph/model-proto.js';
export type { GraphDtype } from './graph/dtype.js';
export { jit, type Jitted, type JitOptions, type LoweredFunction } from './jit/jit.js';
export type { KernelProfile, KernelProfileRow } from './jit/profile.js';
export {
  openOnnxModel,
  type OnnxModel,
  type OnnxPort,
  type OnnxTensor,
  type OpenOnnxModelOptions,
} from './open-onnx-model.js';
export type { ExecutionProvider } from './runtime/execution-provider.js';
export { loadOnnxRuntime } from './runtime/ort-binding.js';
export { configureOnnxRuntime, type OnnxRuntimeOptions } from './runtime/options.js';
