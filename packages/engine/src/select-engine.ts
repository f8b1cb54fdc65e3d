import * as tf from '@tensorflow/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { loadOnnxRuntime } from '@transfusion/tfjs-backend-onnxruntime';

/** What TensorFlow.js can compute with in Node. */
export type EngineName = 'onnxruntime' | 'tensorflow-gpu' | 'tensorflow' | 'wasm' | 'cpu';

/** The engine that {@link selectEngine} made active. */
export interface SelectedEngine {
  readonly name: EngineName;
  /** Name of the TensorFlow.js backend it runs as. */
  readonly backend: string;
  /** A line for a log: what it is, and why it was taken. */
  readonly description: string;
}

interface Engine {
  readonly backend: string;
  /** npm package that registers the backend; none for what is always there. */
  readonly packageName?: string;
  readonly what: string;
}

const ENGINES: Readonly<Record<EngineName, Engine>> = {
  'tensorflow-gpu': {
    backend: 'tensorflow',
    packageName: '@tensorflow/tfjs-node-gpu',
    what: 'TensorFlow on an NVIDIA GPU',
  },
  onnxruntime: { backend: 'onnxruntime', what: 'ONNX Runtime' },
  tensorflow: {
    backend: 'tensorflow',
    packageName: '@tensorflow/tfjs-node',
    what: 'TensorFlow on the processor',
  },
  wasm: {
    backend: 'wasm',
    packageName: '@tensorflow/tfjs-backend-wasm',
    what: 'WebAssembly, one thread',
  },
  cpu: { backend: 'cpu', what: 'plain JavaScript' },
};

/** Fastest first; `onnxruntime` comes with this package, so what stands behind it is never taken. */
const AUTO_ORDER: readonly EngineName[] = ['tensorflow-gpu', 'onnxruntime'];

/**
 * Chooses what TensorFlow.js computes with. Call it once, at start, before tensors are made.
 *
 * `auto` takes `tensorflow-gpu` if `@tensorflow/tfjs-node-gpu` is installed and sees a GPU, else
 * `onnxruntime`. Optional engines are loaded only when chosen.
 *
 * @throws TransfusionError `engine-missing` if the engine's package is not installed or does not load
 * (the message says how to install it), `invalid-argument` for an unknown name.
 */
export async function selectEngine(name: EngineName | 'auto' = 'auto'): Promise<SelectedEngine> {
  if (name !== 'auto') return activate(name, 'chosen by name');
  for (const candidate of AUTO_ORDER) {
    try {
      const selected = await activate(candidate, 'the fastest present');
      if (candidate !== 'tensorflow-gpu' || usesGpu()) return selected;
    } catch (error) {
      if (!TransfusionError.isInstance(error)) throw error;
    }
  }
  return activate('cpu', 'nothing faster loads');
}

async function activate(name: EngineName, reason: string): Promise<SelectedEngine> {
  if (!Object.hasOwn(ENGINES, name)) {
    const known = ['auto', ...Object.keys(ENGINES)].join(', ');
    throw new TransfusionError('invalid-argument', `selectEngine: '${name}' is none of ${known}.`);
  }
  const { backend, packageName, what } = ENGINES[name];
  if (packageName !== undefined) await load(name, packageName);
  if (name === 'onnxruntime') loadOnnxRuntime();
  if (!(await tf.setBackend(backend))) {
    throw new TransfusionError(
      'engine-missing',
      `selectEngine('${name}'): the backend '${backend}' is installed but does not start.`,
    );
  }
  return { name, backend, description: `${what} (${name}: ${reason})` };
}

async function load(name: EngineName, packageName: string): Promise<void> {
  try {
    await import(packageName);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new TransfusionError(
      'engine-missing',
      `selectEngine('${name}'): ${packageName} cannot be loaded (${why}). Install it with ` +
        `\`npm install ${packageName}@${tf.version.tfjs}\`, or choose 'onnxruntime', which needs nothing more.`,
      { cause },
    );
  }
}

/** The Node backend of TensorFlow knows whether it found a GPU. */
function usesGpu(): boolean {
  return (tf.backend() as { readonly isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
}
