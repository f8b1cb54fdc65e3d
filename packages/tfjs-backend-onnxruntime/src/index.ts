import './single-copy.js';
import { registerBackend } from './register.js';

registerBackend();

export { compileDynamic, type CompileDynamicOptions } from './dynamic/compile-dynamic.js';
export type {
  DynamicArray,
  DynamicFunction,
  DynamicInput,
  DynamicShape,
  TensorsOf,
} from './dynamic/dynamic-function.js';
export type { DynamicInputs } from './dynamic/trace-dynamic.js';
export {
  RowCache,
  type CacheRow,
  type RowCacheOptions,
  type RowCacheStats,
  type RowView,
} from './dynamic/row-cache.js';
export {
  exportDynamicOnnx,
  type ExportArguments,
  type ExportDynamicOnnxOptions,
} from './export/export-dynamic-onnx.js';
export { exportOnnx, type ExportOnnxOptions } from './export/export-onnx.js';
export type { WeightPrecision } from './export/store-weights.js';
export { createWeightsFile, type WeightsFile } from './export/weights-file.js';
export type { ExportedModel, OnnxFileOptions } from './export/write-model.js';
export type { ExternalData, GraphPort } from './graph/model-proto.js';
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
