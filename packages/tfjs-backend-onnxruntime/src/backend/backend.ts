import * as tf from '@transfusion/tfjs';
import { TransfusionError, invariant } from '@transfusion/errors';
import { reshape, sameShape } from '../graph/build.js';
import { DataBuffer } from '../graph/data-buffer.js';
import { isConcrete } from '../graph/subgraph.js';
import { activeTrace, type Trace } from '../graph/trace.js';
import { constantOf, sizeOf, Value, type Shape } from '../graph/value.js';
import { BufferPool } from '../runtime/buffer-pool.js';
import { onnxRuntimeOptions } from '../runtime/options.js';
import { LazyExecutor } from './lazy.js';
import { calledOp, calledReader, isGeneratingRandomNumbers } from './running-ops.js';

/** Name under which the backend is registered with TensorFlow.js. */
export const BACKEND_NAME = 'onnxruntime';

/** Element types that tensors of this backend hold in graphs. */
export type NumericDtype = 'float32' | 'int32' | 'bool';

/** Captured tensors up to this size become constants of a trace, which ONNX Runtime can fold. */
const MAX_EMBEDDED_CAPTURE = 64;

/** Content of one data id. Exactly one of the three payloads is set. */
interface TensorEntry {
  readonly dtype: tf.DataType;
  refCount: number;
  /** float32, int32 and bool: a graph value, computed or pending. */
  readonly value: Value | null;
  /** string: UTF-8 bytes of each element. */
  readonly strings: Uint8Array[] | null;
  /** complex64: two float32 tensors. */
  readonly complex: { readonly real: tf.TensorInfo; readonly imag: tf.TensorInfo } | null;
}

/**
 * A TensorFlow.js backend that records ONNX nodes and runs them on ONNX Runtime. Operations are
 * lazy: they are computed when a value is read. To the caller they look eager.
 */
export class OnnxRuntimeBackend extends tf.KernelBackend {
  private readonly data: tf.DataStorage<TensorEntry>;
  readonly pool = new BufferPool(onnxRuntimeOptions);
  readonly lazy = new LazyExecutor(this.pool);

  constructor() {
    super();
    // A data id that another backend owns is moved here on first access.
    this.data = new tf.DataStorage<TensorEntry>(this, tf.engine());
  }

  // --- tensors in ---------------------------------------------------------------------------

  override write(values: tf.BackendValues | null, shape: number[], dtype: tf.DataType): object {
    const dataId = {};
    this.store(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: object,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    this.store(dataId, values, shape, dtype, refCount);
  }

  private store(
    dataId: object,
    values: tf.BackendValues | null,
    shape: Shape,
    dtype: tf.DataType,
    refCount: number,
  ): void {
    const trace = activeTrace();
    if (trace !== null && isGeneratingRandomNumbers()) throw trace.reject('random-in-jit', calledOp()!);
    if (dtype === 'complex64') {
      // Moved here from another backend: real and imaginary parts alternate.
      const { real, imag } = tf.backend_util.splitRealAndImagArrays(values as Float32Array);
      const part = (array: Float32Array): tf.TensorInfo => ({
        dataId: this.write(array, [...shape], 'float32'),
        shape: [...shape],
        dtype: 'float32',
      });
      this.put(dataId, dtype, refCount, { complex: { real: part(real), imag: part(imag) } });
    } else if (dtype === 'string') {
      this.put(dataId, dtype, refCount, { strings: values as Uint8Array[] });
    } else {
      const value = new Value(shape, dtype as NumericDtype);
      // A copy: the caller may change its array before the lazy graph reads it.
      value.buffer = this.pool.allocate(value.dtype, value.size);
      const array = value.buffer.array as Float32Array;
      if (values === null) array.fill(0);
      else array.set(values as unknown as ArrayLike<number>);
      this.put(dataId, dtype, refCount, { value });
    }
  }

  /** Returns a new tensor of this backend over a graph value. */
  tensorOf(value: Value): tf.TensorInfo {
    const dataId = {};
    this.put(dataId, value.dtype as NumericDtype, 1, { value });
    if (value.owner === null && value.producer !== null) this.lazy.want(value);
    return { dataId, shape: [...value.shape], dtype: value.dtype as NumericDtype };
  }

  /** Returns a new complex64 tensor; takes ownership of the two references. */
  complexOf(real: tf.TensorInfo, imag: tf.TensorInfo): tf.TensorInfo {
    const dataId = {};
    this.put(dataId, 'complex64', 1, { complex: { real, imag } });
    return { dataId, shape: real.shape, dtype: 'complex64' };
  }

  /** Returns a new string tensor. */
  stringsOf(strings: Uint8Array[], shape: number[]): tf.TensorInfo {
    const dataId = {};
    this.put(dataId, 'string', 1, { strings });
    return { dataId, shape, dtype: 'string' };
  }

  private put(
    dataId: object,
    dtype: tf.DataType,
    refCount: number,
    payload: Partial<Pick<TensorEntry, 'value' | 'strings' | 'complex'>>,
  ): void {
    this.data.set(dataId, { dtype, refCount, value: null, strings: null, complex: null, ...payload });
  }

  private entry(dataId: object): TensorEntry {
    if (!this.data.has(dataId) && !tf.engine().state.tensorInfo.has(dataId)) {
      throw new TransfusionError(
        'disposed',
        `${calledOp() ?? 'A kernel'}: a tensor was used after it had been disposed of. ` +
          'Keep it with tf.keep, or return it from the enclosing tf.tidy.',
      );
    }
    return this.data.get(dataId);
  }

  // --- tensors inside graphs ----------------------------------------------------------------

  /** Returns the graph value of a tensor, in the tensor's own shape. */
  graphValue(tensor: tf.TensorInfo): Value {
    const { value, dtype } = this.entry(tensor.dataId);
    if (value === null) {
      throw new TransfusionError(
        'invalid-argument',
        `${calledOp() ?? 'A kernel'}: got a ${dtype} tensor, expected a numeric one.`,
      );
    }
    const trace = activeTrace();
    return inShape(trace === null ? this.lazyValue(value) : this.traced(trace, tensor, value), tensor.shape);
  }

  private lazyValue(value: Value): Value {
    if (value.owner !== null) {
      throw new TransfusionError(
        'escaped-from-jit',
        'A tensor made inside a jitted function was used after the function had been traced. ' +
          'Return it from the function instead of storing it.',
      );
    }
    return value;
  }

  private traced(trace: Trace, tensor: tf.TensorInfo, value: Value): Value {
    if (value.owner === trace) return value;
    const known = trace.captures.get(tensor.dataId);
    if (known !== undefined) return known.placeholder;
    const variable = trace.variables.get(tensor.dataId) ?? null;
    if (trace.embedCaptures || (variable === null && value.size <= MAX_EMBEDDED_CAPTURE)) {
      return constantOf(this.bufferOf(tensor.dataId).array.slice(), value.shape, value.dtype);
    }
    if (variable === null && value.constant !== null) return value;
    this.lazyValue(value);
    const placeholder = trace.placeholder(value.shape, value.dtype);
    const held = variable === null ? this.hold(tensor) : null;
    trace.captures.set(tensor.dataId, { placeholder, dataId: tensor.dataId, variable, held });
    return placeholder;
  }

  /** Returns another tensor over the same data, which no scope disposes. */
  private hold({ dataId, shape, dtype }: tf.TensorInfo): tf.Tensor {
    this.incRef(dataId);
    return tf.keep(tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype }));
  }

  /** Computes a tensor's data, for feeding it to a compiled function. */
  bufferOf(dataId: object): DataBuffer {
    const { value } = this.entry(dataId);
    invariant(value !== null, () => 'only numeric tensors are fed');
    if (value.constant !== null) return new DataBuffer(value.constant);
    this.lazyValue(value);
    this.lazy.materialize(value);
    return value.buffer!;
  }

  /** Moves a tensor to this backend if another one owns it. */
  adopt(tensor: tf.TensorInfo): void {
    this.entry(tensor.dataId);
  }

  // --- tensors out --------------------------------------------------------------------------

  override readSync(dataId: object): tf.BackendValues {
    const { value, strings, complex } = this.entry(dataId);
    if (strings !== null) return strings;
    if (complex !== null) {
      return tf.backend_util.mergeRealAndImagArrays(
        this.readSync(complex.real.dataId) as Float32Array,
        this.readSync(complex.imag.dataId) as Float32Array,
      );
    }
    const trace = activeTrace();
    if (trace?.variables.has(dataId)) throw trace.reject('read-in-jit', calledReader());
    const buffer = this.readable(value!);
    buffer.exposed = true;
    return buffer.array as Float32Array | Int32Array | Uint8Array;
  }

  private readable(value: Value): DataBuffer {
    const trace = activeTrace();
    // A copy: the cache key of a graph contains its constants.
    if (value.constant !== null) return new DataBuffer(value.constant.slice());
    if (trace === null) {
      this.lazy.materialize(this.lazyValue(value));
      return value.buffer!;
    }
    if (value.buffer !== null) return value.buffer;
    if (value.owner === trace && (value.producer === null || !isConcrete(value))) {
      throw trace.reject('read-in-jit', calledReader());
    }
    return this.lazy.evaluate(value);
  }

  override async read(dataId: object): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  /** Returns the real and imaginary parts of a complex64 tensor, which keeps owning them. */
  complexParts(tensor: tf.TensorInfo): { real: tf.TensorInfo; imag: tf.TensorInfo } {
    const { complex } = this.entry(tensor.dataId);
    invariant(complex !== null, () => 'only complex64 tensors have parts');
    return complex;
  }

  // --- lifetime -----------------------------------------------------------------------------

  override numDataIds(): number {
    return this.data.numDataIds();
  }

  override incRef(dataId: object): void {
    this.entry(dataId).refCount++;
  }

  override refCount(dataId: object): number {
    return this.data.has(dataId) ? this.entry(dataId).refCount : 0;
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const entry = this.entry(dataId);
    entry.refCount--;
    if (!force && entry.refCount > 0) return false;
    this.data.delete(dataId);
    const { value, complex } = entry;
    if (complex !== null) {
      this.disposeData(complex.real.dataId, force);
      this.disposeData(complex.imag.dataId, force);
    }
    if (value !== null && value.owner === null) {
      this.lazy.forget(value);
      if (value.buffer !== null) this.lazy.release(value.buffer);
    }
    return true;
  }

  override dispose(): void {
    this.lazy.clearCache();
    this.pool.clear();
  }

  // --- properties --------------------------------------------------------------------------------

  override floatPrecision(): 32 {
    return 32;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override timerAvailable(): boolean {
    return true;
  }

  override async time(body: () => void): Promise<tf.BackendTimingInfo> {
    this.lazy.flush();
    const start = performance.now();
    body();
    this.lazy.flush();
    return { kernelMs: performance.now() - start };
  }
}

/** Returns `value` in another shape of the same size. */
function inShape(value: Value, shape: Shape): Value {
  if (sameShape(value.shape, shape)) return value;
  invariant(value.size === sizeOf(shape), () => `[${value.shape}] viewed as [${shape}]`);
  if (value.producer === null && value.buffer !== null) {
    const view = new Value(shape, value.dtype, value.owner);
    view.buffer = value.buffer;
    return view;
  }
  if (value.constant !== null) return constantOf(value.constant, shape, value.dtype);
  return reshape(value, shape);
}
