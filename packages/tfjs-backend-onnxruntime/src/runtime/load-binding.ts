/**
 * Loads ONNX Runtime from one of two packages:
 *
 * - `onnxruntime-node`, if the user has installed the exact version. It holds the binaries of all platforms, and its install
 *   script downloads those of CUDA, so this package does not depend on it;
 * - `@transfusion/onnxruntime-<platform>-<arch>` otherwise, an optional dependency with the same binaries of one platform.
 */
import { isMainThread } from 'node:worker_threads';
import { TransfusionError } from '@transfusion/errors';
import { NativeOutput, ONNX_RUNTIME_VERSION, type NativeBinding } from './native-binding.js';

/** Platforms with a package of binaries, each with what it requires. */
const PLATFORMS: Readonly<Record<string, string>> = {
  'darwin-arm64': 'macOS 14 or newer',
  'linux-arm64': 'glibc 2.28 or newer (not musl, as in Alpine Linux)',
  'linux-x64': 'glibc 2.28 or newer (not musl, as in Alpine Linux)',
  'win32-arm64': 'the Visual C++ Redistributable',
  'win32-x64': 'the Visual C++ Redistributable',
};

/** `warning`, the default of `onnxruntime-node`. */
const LOG_LEVEL = 2;

/** Modules and platform of the program. */
export interface BindingHost {
  /** Loads a module by its name. */
  readonly require: (name: string) => unknown;
  /** Such as `linux-x64`. */
  readonly platform: string;
}

/**
 * Loads and initializes the native binding.
 *
 * @throws TransfusionError `engine-missing` if no package has it for this platform, or it does not load
 */
export function loadBinding({ require, platform }: BindingHost): NativeBinding {
  if (!Object.hasOwn(PLATFORMS, platform)) {
    const known = Object.keys(PLATFORMS).join(', ');
    throw new TransfusionError(
      'engine-missing',
      `onnxruntime: there are no binaries for ${platform}, expected one of ${known}. ` +
        'Select another TensorFlow.js backend on this machine.',
    );
  }
  const installed = installedVersion(require);
  const usesOnnxRuntimeNode = installed === ONNX_RUNTIME_VERSION;
  const name = usesOnnxRuntimeNode ? 'onnxruntime-node' : `@transfusion/onnxruntime-${platform}`;
  try {
    return usesOnnxRuntimeNode ? fromOnnxRuntimeNode(require) : fromBinaries(require, name);
  } catch (cause) {
    const message = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0];
    const isMissing = message.includes(`'${name}'`);
    throw new TransfusionError(
      'engine-missing',
      isMissing
        ? `onnxruntime: ${name} is not installed, expected it as an optional dependency. Install again on ` +
            `${platform}, without --omit=optional. It requires ${PLATFORMS[platform]}.`
        : `onnxruntime: ${name} does not load on ${platform} (${message}). It requires ${PLATFORMS[platform]}` +
            (installed === undefined || usesOnnxRuntimeNode
              ? '.'
              : `, and that onnxruntime-node ${installed}, which is installed, is not loaded in the same process.`),
      { cause },
    );
  }
}

function installedVersion(require: BindingHost['require']): string | undefined {
  try {
    return (require('onnxruntime-node/package.json') as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** Initializes with that package's own `Tensor`, as its other users in this process expect. */
function fromOnnxRuntimeNode(require: BindingHost['require']): NativeBinding {
  const { binding, initOrt } = require('onnxruntime-node/dist/binding.js') as {
    binding: NativeBinding;
    initOrt: () => void;
  };
  initOrt();
  return binding;
}

function fromBinaries(require: BindingHost['require'], name: string): NativeBinding {
  const binding = require(name) as NativeBinding;
  binding.initOrtOnce(LOG_LEVEL, NativeOutput, isMainThread);
  return binding;
}
