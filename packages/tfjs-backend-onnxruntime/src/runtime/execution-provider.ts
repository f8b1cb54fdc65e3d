import { TransfusionError } from '@transfusion/errors';
import { GraphNode, Value } from '../graph/value.js';
import { encodeModel } from '../graph/model-proto.js';
import { ONNX_RUNTIME_VERSION } from './native-binding.js';
import { createNativeSession, loadOnnxRuntime } from './ort-binding.js';

/** Device of ONNX Runtime. `cpu` and `webgpu` are installed with this package; `cuda` is an opt-in. */
export type ExecutionProvider = 'cpu' | 'webgpu' | 'cuda';

const HINTS: Readonly<Record<ExecutionProvider, string>> = {
  cpu: '',
  webgpu: 'It needs a GPU with a Vulkan, Metal or Direct3D 12 driver.',
  cuda:
    'It needs Linux x64, an NVIDIA GPU, CUDA 12, and the files that ' +
    `\`npm install onnxruntime-node@${ONNX_RUNTIME_VERSION}\` downloads.`,
};

/** Loads a graph of one node, without running it: throws if a provider cannot start. */
export function assertProviderStarts(provider: ExecutionProvider): void {
  if (!Object.hasOwn(HINTS, provider)) {
    throw new TransfusionError(
      'invalid-argument',
      `executionProviders: '${provider}' is not one of ${Object.keys(HINTS).join(', ')}.`,
    );
  }
  if (provider === 'cpu') return;
  loadOnnxRuntime();
  try {
    createNativeSession(identityModel(), {
      executionProviders: [{ name: provider }],
      logSeverityLevel: 4,
    }).dispose();
  } catch (cause) {
    throw new TransfusionError(
      'invalid-argument',
      `executionProviders: '${provider}' does not start here. ${HINTS[provider]} ` +
        `(ONNX Runtime: ${cause instanceof Error ? cause.message : String(cause)})`,
      { cause },
    );
  }
}

function identityModel(): Uint8Array {
  const x = new Value([1], 'float32');
  const y = new Value([1], 'float32');
  const named = (value: Value): { name: string; shape: readonly number[]; dtype: 'float32' } => ({
    name: value === x ? 'x' : 'y',
    shape: value.shape,
    dtype: 'float32',
  });
  return encodeModel({
    nodes: [new GraphNode('Identity', [x], [y], {}, 'probe')],
    inputs: [named(x)],
    outputs: [named(y)],
    initializers: [],
    nameOf: (value) => named(value).name,
  });
}
