/**
 * Runs attempts in a separate process and reports each as a line of JSON, so that one that ends the
 * process is identified: `node run-attempts.ts <index of the first>`.
 */
import * as tf from '@transfusion/tfjs';
import '../../index.js';
import { jit } from '../../jit/jit.js';
import { configureOnnxRuntime } from '../../runtime/options.js';
import { onBackend } from '../on-backend.js';
import { specOf, type TensorSpec } from '../tensor-spec.js';
import { ATTEMPTS } from './all.js';
import type { Attempt } from './attempt.js';

/** Result of an attempt. */
export type Outcome =
  | { readonly kind: 'values'; readonly values: readonly TensorSpec[] }
  | {
      readonly kind: 'error';
      readonly message: string;
      /** `call` if the op itself threw, `read` if reading its result did. */
      readonly at: 'call' | 'read';
    };

export interface AttemptReport {
  readonly index: number;
  /** On the `cpu` backend, if relevant. */
  readonly cpu: Outcome | undefined;
  /** On this backend: the inputs as tensors, as arguments of a compiled function, inside of one. */
  readonly here: Readonly<Record<'eager' | 'jit' | 'jit with constants', Outcome>>;
}

function outcomeOf(call: () => tf.Tensor | tf.Tensor[]): Outcome {
  let at: 'call' | 'read' = 'call';
  try {
    let values: TensorSpec[] = [];
    tf.tidy(() => {
      const result = [call()].flat();
      at = 'read';
      values = result.map(specOf);
    });
    return { kind: 'values', values };
  } catch (error) {
    return { kind: 'error', message: error instanceof Error ? error.message : String(error), at };
  }
}

function inJit(run: Attempt['run'], inputs: () => tf.Tensor[]): Outcome {
  const compiled = jit(run);
  try {
    return outcomeOf(() => compiled(...inputs()));
  } finally {
    compiled.dispose();
  }
}

function report(index: number): AttemptReport {
  const { inputs, run, expected, reference = run } = ATTEMPTS[index];
  return {
    index,
    cpu: expected === 'as cpu' ? onBackend('cpu', () => outcomeOf(() => reference(...inputs()))) : undefined,
    here: {
      eager: outcomeOf(() => run(...inputs())),
      jit: inJit(run, inputs),
      'jit with constants': inJit(
        () => run(...inputs()),
        () => [],
      ),
    },
  };
}

/** JSON has no NaN and no infinities. */
function encode(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

void tf.setBackend('onnxruntime');
configureOnnxRuntime({ intraOpNumThreads: 1 });
for (let index = Number(process.argv[2]); index < ATTEMPTS.length; index++) {
  process.stdout.write(`${JSON.stringify(report(index), encode)}\n`);
}
