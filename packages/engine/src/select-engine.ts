import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { loadOnnxRuntime } from '@transfusion/tfjs-backend-onnxruntime';

/** TensorFlow.js backends for Node, by device. */
export type EngineName = 'onnxruntime' | 'tensorflow-gpu' | 'tensorflow' | 'wasm' | 'cpu';

/** The engine activated by {@link selectEngine}. */
export interface SelectedEngine {
  readonly name: EngineName;
  /** Name of its TensorFlow.js backend. */
  readonly backend: string;
  /** Description for logs: the engine, and why it was selected. */
  readonly description: string;
}

interface Engine {
  readonly backend: string;
  /** npm package that registers the backend; absent if it is always available. */
  readonly packageName?: string;
  readonly label: string;
}

const ENGINES: Readonly<Record<EngineName, Engine>> = {
  'tensorflow-gpu': {
    backend: 'tensorflow',
    packageName: '@tensorflow/tfjs-node-gpu',
    label: 'TensorFlow on an NVIDIA GPU',
  },
  onnxruntime: { backend: 'onnxruntime', label: 'ONNX Runtime' },
  tensorflow: {
    backend: 'tensorflow',
    packageName: '@tensorflow/tfjs-node',
    label: 'TensorFlow on the CPU',
  },
  wasm: {
    backend: 'wasm',
    packageName: '@tensorflow/tfjs-backend-wasm',
    label: 'WebAssembly, one thread',
  },
  cpu: { backend: 'cpu', label: 'plain JavaScript' },
};

/** Fastest first. Slower engines than `onnxruntime` are not listed: it is there on all platforms that have its binaries. */
const AUTO_ORDER: readonly EngineName[] = ['tensorflow-gpu', 'onnxruntime'];

/**
 * Selects the TensorFlow.js backend. Call it once, at startup, before tensors are created.
 *
 * `auto` selects `tensorflow-gpu` if `@tensorflow/tfjs-node-gpu` is installed and finds a GPU, else
 * `onnxruntime`; where that does not load, `cpu`, with the reason in the description. Optional engines are loaded only
 * when selected.
 *
 * @throws TransfusionError `engine-missing` if the engine's package is not installed or does not load
 * (the message says how to install it), `invalid-argument` for an unknown name.
 */
export async function selectEngine(name: EngineName | 'auto' = 'auto'): Promise<SelectedEngine> {
  if (name !== 'auto') return activate(name, 'selected by name');
  let reason = 'no faster engine loads';
  for (const candidate of AUTO_ORDER) {
    try {
      const selected = await activate(candidate, 'fastest available');
      if (candidate !== 'tensorflow-gpu' || usesGpu()) return selected;
    } catch (error) {
      if (!TransfusionError.isInstance(error)) throw error;
      if (candidate === 'onnxruntime') reason = error.message;
    }
  }
  return activate('cpu', reason);
}

async function activate(name: EngineName, reason: string): Promise<SelectedEngine> {
  if (!Object.hasOwn(ENGINES, name)) {
    const known = ['auto', ...Object.keys(ENGINES)].join(', ');
    throw new TransfusionError(
      'invalid-argument',
      `selectEngine: unknown engine '${name}', expected one of ${known}.`,
    );
  }
  const { backend, packageName, label } = ENGINES[name];
  if (packageName !== undefined) await load(name, packageName);
  if (name === 'onnxruntime') loadOnnxRuntime();
  if (!(await tf.setBackend(backend))) {
    throw new TransfusionError(
      'engine-missing',
      `selectEngine('${name}'): the backend '${backend}' is installed but does not start. Choose a different engine.`,
    );
  }
  return { name, backend, description: `${label} (${name}: ${reason})` };
}

async function load(name: EngineName, packageName: string): Promise<void> {
  try {
    await import(packageName);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new TransfusionError(
      'engine-missing',
      `selectEngine('${name}'): ${packageName} cannot be loaded (${reason}). Install it with ` +
        `\`npm install ${packageName}@${tf.version_core}\`, or choose 'onnxruntime'.`,
      { cause },
    );
  }
}

/** Returns true if TensorFlow's Node backend found a GPU. */
function usesGpu(): boolean {
  return (tf.backend() as { readonly isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
}
