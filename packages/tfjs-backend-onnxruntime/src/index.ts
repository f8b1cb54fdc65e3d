import { registerBackend } from './register.js';

registerBackend();

export { EngineError, type EngineErrorCode } from './errors.js';
export { jit, type Jitted, type JitOptions, type LoweredFunction } from './jit/jit.js';
export type { KernelProfile, KernelProfileRow } from './jit/profile.js';
export {
  configureOnnxRuntime,
  type ExecutionProvider,
  type OnnxRuntimeOptions,
} from './runtime/options.js';
