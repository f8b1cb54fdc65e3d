import * as tf from '@transfusion/tfjs';
import { BACKEND_NAME, type OnnxRuntimeBackend } from '../backend/backend.js';
import { calledOp, isGeneratingRandomNumbers } from '../backend/running-ops.js';
import { activeTrace, type Trace } from '../graph/trace.js';
import { sizeOf } from '../graph/value.js';
import type { TransfusionError } from '@transfusion/errors';

/** The parts of TensorFlow.js's `cpu` backend that its kernels need. */
interface CpuBackend extends tf.KernelBackend {
  makeTensorInfo(shape: number[], dtype: tf.DataType, values?: tf.BackendValues): tf.TensorInfo;
  disposeIntermediateTensorInfo(tensor: tf.TensorInfo): void;
  readonly data: {
    get(dataId: object): {
      complexTensorInfos?: { real: tf.TensorInfo; imag: tf.TensorInfo };
      values?: tf.BackendValues | null;
    };
  };
}

/** Inputs of kernels in practice; optional inputs may be missing, ragged ones are lists. */
type KernelInputs =
  tf.TensorInfo[] | Readonly<Record<string, tf.TensorInfo | tf.TensorInfo[] | null | undefined>>;

/**
 * Registers the kernels of the `cpu` backend that have no ONNX form (non-maximum suppression, FFT,
 * string ops …): they compute in JavaScript, eagerly, and warn once.
 */
export function registerFallbacks(): void {
  for (const { kernelName } of tf.getKernelsForBackend('cpu')) {
    if (tf.getKernel(kernelName, BACKEND_NAME) !== undefined) continue;
    fallbacks.add(kernelName);
    tf.registerKernel({
      kernelName,
      backendName: BACKEND_NAME,
      kernelFunc: ({ inputs, attrs, backend }) =>
        runFallback(kernelName, inputs, attrs, backend as OnnxRuntimeBackend),
    });
  }
}

const fallbacks = new Set<string>();

/** Returns true if a kernel never is a graph. */
export function isFallback(kernelName: string): boolean {
  return fallbacks.has(kernelName);
}

const warned = new Set<string>();

/** Runs one kernel with the implementation of the `cpu` backend. */
export function runFallback(
  kernelName: string,
  inputs: tf.NamedTensorInfoMap,
  attrs: tf.NamedAttrMap | undefined,
  backend: OnnxRuntimeBackend,
): tf.TensorInfo | tf.TensorInfo[] {
  const trace = activeTrace();
  if (trace !== null) throw rejected(trace, kernelName);
  warnOnce(kernelName, inputs);
  const cpu = tf.engine().findBackend('cpu') as CpuBackend;
  const kernel = tf.getKernel(kernelName, 'cpu');
  const lent: tf.TensorInfo[] = [];
  const lend = (tensor: tf.TensorInfo): tf.TensorInfo => {
    const copy = toCpu(tensor, backend, cpu);
    lent.push(copy);
    // Some kernels of the cpu backend expect tensors, not mere descriptions of them.
    return { ...copy, rank: copy.shape.length, size: sizeOf(copy.shape) } as tf.TensorInfo;
  };
  const lendAll = (tensors: KernelInputs): unknown => {
    if (Array.isArray(tensors)) return tensors.map(lend); // `concat` and the like pass a list
    const present = Object.entries(tensors).filter(([, tensor]) => tensor !== null && tensor !== undefined);
    return Object.fromEntries(
      present.map(([name, tensor]) => [name, Array.isArray(tensor) ? tensor.map(lend) : lend(tensor!)]),
    );
  };
  try {
    const output = kernel.kernelFunc({
      inputs: lendAll(inputs as KernelInputs) as tf.NamedTensorInfoMap,
      attrs: attrs as tf.NamedAttrMap,
      backend: cpu,
    });
    return Array.isArray(output)
      ? output.map((tensor) => fromCpu(tensor, backend, cpu))
      : fromCpu(output, backend, cpu);
  } finally {
    for (const tensor of lent) cpu.disposeIntermediateTensorInfo(tensor);
  }
}

function rejected(trace: Trace, kernelName: string): TransfusionError {
  const op = calledOp();
  if (isGeneratingRandomNumbers()) return trace.reject('random-in-jit', op!);
  return trace.reject('unsupported-in-jit', op === undefined ? kernelName : `${op} (kernel ${kernelName})`);
}

/** String and complex tensors are never in graphs: no reason to warn. */
function warnOnce(kernelName: string, inputs: tf.NamedTensorInfoMap): void {
  if (warned.has(kernelName) || kernelName === 'Complex') return;
  const tensors = Object.values(inputs)
    .flat()
    .filter((tensor) => tensor != null);
  if (tensors.some(({ dtype }) => dtype === 'string' || dtype === 'complex64')) return;
  warned.add(kernelName);
  console.warn(`onnxruntime backend: ${kernelName} has no ONNX form and runs in JavaScript (cpu backend).`);
}

function toCpu(tensor: tf.TensorInfo, backend: OnnxRuntimeBackend, cpu: CpuBackend): tf.TensorInfo {
  if (tensor.dtype !== 'complex64') {
    return cpu.makeTensorInfo(tensor.shape, tensor.dtype, backend.readSync(tensor.dataId));
  }
  const { real, imag } = backend.complexParts(tensor);
  const complex = cpu.makeTensorInfo(tensor.shape, 'complex64');
  cpu.data.get(complex.dataId).complexTensorInfos = {
    real: cpu.makeTensorInfo(tensor.shape, 'float32', backend.readSync(real.dataId)),
    imag: cpu.makeTensorInfo(tensor.shape, 'float32', backend.readSync(imag.dataId)),
  };
  return complex;
}

function fromCpu(tensor: tf.TensorInfo, backend: OnnxRuntimeBackend, cpu: CpuBackend): tf.TensorInfo {
  const { shape, dtype, dataId } = tensor;
  let result: tf.TensorInfo;
  if (dtype === 'complex64') {
    const { real, imag } = cpu.data.get(dataId).complexTensorInfos!;
    const part = (source: tf.TensorInfo): tf.TensorInfo => ({
      dataId: backend.write(cpu.readSync(source.dataId) as tf.BackendValues, shape, 'float32'),
      shape,
      dtype: 'float32',
    });
    result = backend.complexOf(part(real), part(imag));
  } else {
    const values = cpu.readSync(dataId) as tf.BackendValues;
    result = { dataId: backend.write(values, shape, dtype), shape, dtype };
  }
  cpu.disposeIntermediateTensorInfo(tensor);
  return result;
}
