/** Kernels that create tensors from attributes alone. */
import * as tf from '@transfusion/tfjs';
import { BACKEND_NAME, type NumericDtype, type OnnxRuntimeBackend } from '../backend/backend.js';
import { fill } from '../graph/build.js';
import { withKernel } from '../graph/emit.js';

interface FillAttrs {
  readonly shape: number[];
  readonly value: number | string;
  readonly dtype?: tf.DataType;
}
interface RangeAttrs {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly dtype: 'float32' | 'int32';
}
interface LinSpaceAttrs {
  readonly start: number;
  readonly stop: number;
  readonly num: number;
}

export function registerCreationKernels(): void {
  creation<FillAttrs>('Fill', ({ shape, value, dtype }, backend) => {
    if (typeof value === 'string') {
      const element = tf.util.encodeString(value);
      const size = tf.util.sizeFromShape(shape);
      return backend.stringsOf(new Array<Uint8Array>(size).fill(element), shape);
    }
    return backend.tensorOf(
      withKernel('Fill', () => fill(shape, value, (dtype ?? 'float32') as NumericDtype)),
    );
  });
  creation<RangeAttrs>('Range', ({ start, stop, step, dtype }, backend) => {
    // The default step of 1 counts down if the range does.
    const by = stop < start && step === 1 ? -1 : step;
    const count = Math.sign(stop - start) === Math.sign(by) ? Math.ceil((stop - start) / by) : 0;
    const values = Array.from({ length: count }, (_, i) => start + i * by);
    const typed = dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values);
    return { dataId: backend.write(typed, [count], dtype), shape: [count], dtype };
  });
  creation<LinSpaceAttrs>('LinSpace', ({ start, stop, num }, backend) => {
    const step = num === 1 ? 0 : (stop - start) / (num - 1);
    const values = Float32Array.from({ length: num }, (_, i) => start + i * step);
    return { dataId: backend.write(values, [num], 'float32'), shape: [num], dtype: 'float32' };
  });
}

function creation<Attrs>(
  kernelName: string,
  create: (attrs: Attrs, backend: OnnxRuntimeBackend) => tf.TensorInfo,
): void {
  tf.registerKernel({
    kernelName,
    backendName: BACKEND_NAME,
    kernelFunc: (call) => {
      const backend = call.backend as OnnxRuntimeBackend;
      const tensor = create(call.attrs as unknown as Attrs, backend);
      backend.lazy.flushIfLong();
      return tensor;
    },
  });
}
