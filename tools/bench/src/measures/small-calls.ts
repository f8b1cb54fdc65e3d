/** The overhead of an operation: its time with next to nothing to compute. */
import * as tf from '@transfusion/tfjs';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';

const SIZE = 16;

/** Until V8 has compiled what runs often. */
const WARM_UP_CALLS = 1000;

export interface SmallCallOptions {
  readonly samples: number;
  /** Few: a sample that another program interrupts is an outlier then, and the median stays. */
  readonly callsPerSample: number;
}

/** Microseconds of a call of a compiled function of ten operations, its result disposed of; per sample. */
export function jittedCallMicroseconds({ samples, callsPerSample }: SmallCallOptions): number[] {
  return withSmallTensors((x, y) => {
    const call = jit(tenOperations);
    const run = (): void => call(x, y).dispose();
    repeat(WARM_UP_CALLS, run);
    const perCall = timesPerCall(samples, callsPerSample, run);
    call.dispose();
    return perCall.map((milliseconds) => milliseconds * 1000);
  });
}

/** Measures the operations per second of `chainLength` eager operations computed by one `dataSync`, per sample. */
export function eagerChainRates(
  chainLength: number,
  { samples, callsPerSample }: SmallCallOptions,
): number[] {
  return withSmallTensors((x, y) => {
    const run = (): void => {
      tf.tidy(() => {
        let z: tf.Tensor = x;
        for (let i = 0; i < chainLength; i++) z = i % 2 === 0 ? tf.add(z, y) : tf.mul(z, y);
        z.dataSync();
      });
    };
    repeat(2 + Math.ceil(WARM_UP_CALLS / chainLength), run);
    return timesPerCall(samples, callsPerSample, run).map(
      (milliseconds) => (chainLength / milliseconds) * 1000,
    );
  });
}

/** Operations a second when each is followed by `dataSync`; per sample. */
export function eagerReadRates(options: SmallCallOptions): number[] {
  return eagerChainRates(1, options);
}

function tenOperations(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const a = tf.tanh(tf.add(tf.mul(x, y), x));
  const b = tf.sigmoid(tf.sub(tf.mul(a, a), y));
  return tf.div(tf.sqrt(tf.square(b)), tf.exp(a));
}

function withSmallTensors<T>(body: (x: tf.Tensor, y: tf.Tensor) => T): T {
  const x = tf.linspace(-1, 1, SIZE);
  const y = tf.linspace(0.5, 1, SIZE);
  x.dataSync();
  y.dataSync();
  try {
    return body(x, y);
  } finally {
    tf.dispose([x, y]);
  }
}

/** Measures the mean milliseconds of a call, for each sample of `callsPerSample` calls. */
function timesPerCall(samples: number, callsPerSample: number, run: () => void): number[] {
  return Array.from({ length: samples }, () => {
    const started = performance.now();
    repeat(callsPerSample, run);
    return (performance.now() - started) / callsPerSample;
  });
}

function repeat(times: number, run: () => void): void {
  for (let i = 0; i < times; i++) run();
}
