import { availableParallelism } from 'node:os';
import { TransfusionError } from '@transfusion/errors';
import { assertProviderStarts, type ExecutionProvider } from './execution-provider.js';

/** Settings of the backend; see {@link configureOnnxRuntime}. */
export interface OnnxRuntimeOptions {
  /** Threads that one operator may use. Defaults to the number of processors. */
  readonly intraOpNumThreads: number;
  /**
   * Threads wait for their next part of a graph by spinning: faster for a program that has the processors to itself, slower
   * beside others, such as a server's own process. Defaults to true.
   */
  readonly allowSpinning: boolean;
  /** Tried in order for each operator; `cpu` runs those that the others cannot. Defaults to `['cpu']`. */
  readonly executionProviders: readonly ExecutionProvider[];
  /** Memory of disposed tensors kept for reuse, in bytes. Defaults to 1 GiB. */
  readonly maxPooledBytes: number;
  /**
   * Part of `maxPooledBytes` for the sizes of eager operations, which may be new at every step; the rest is
   * for the results of compiled functions. Defaults to 256 MiB.
   */
  readonly maxEagerPooledBytes: number;
  /** Pending operations after which the backend computes them unasked. Defaults to 2000. */
  readonly maxPendingNodes: number;
}

let current: OnnxRuntimeOptions = {
  intraOpNumThreads: availableParallelism(),
  allowSpinning: true,
  executionProviders: ['cpu'],
  maxPooledBytes: 2 ** 30,
  maxEagerPooledBytes: 2 ** 28,
  maxPendingNodes: 2000,
};

/** Bounds of the numeric settings: ONNX Runtime would start every thread that it is asked for. */
const RANGES = {
  intraOpNumThreads: [1, 1024],
  maxPooledBytes: [0, Number.MAX_SAFE_INTEGER],
  maxEagerPooledBytes: [0, Number.MAX_SAFE_INTEGER],
  maxPendingNodes: [1, Number.MAX_SAFE_INTEGER],
} as const;

let version = 0;

/**
 * Changes settings of the `onnxruntime` backend for all graphs compiled from now on; compiled graphs
 * keep their settings.
 *
 * @throws TransfusionError `invalid-argument` for a value out of range, or an execution provider that
 * does not start on this machine.
 */
export function configureOnnxRuntime(options: Partial<OnnxRuntimeOptions>): void {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const next: OnnxRuntimeOptions = { ...current, ...Object.fromEntries(given) };
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value = next[name as keyof typeof RANGES];
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new TransfusionError(
        'invalid-argument',
        `configureOnnxRuntime: ${name} is ${value}, expected an integer from ${least} to ${most}.`,
      );
    }
  }
  if (typeof next.allowSpinning !== 'boolean') {
    throw new TransfusionError(
      'invalid-argument',
      `configureOnnxRuntime: allowSpinning is ${JSON.stringify(next.allowSpinning)}, expected true or false.`,
    );
  }
  if (next.executionProviders.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      "configureOnnxRuntime: executionProviders is empty. Name at least one, e.g. ['cpu'].",
    );
  }
  for (const provider of options.executionProviders ?? []) assertProviderStarts(provider);
  current = next;
  version++;
}

export function onnxRuntimeOptions(): OnnxRuntimeOptions {
  return current;
}

/** Counts calls of {@link configureOnnxRuntime}, so that caches of compiled graphs notice changes. */
export function optionsVersion(): number {
  return version;
}
