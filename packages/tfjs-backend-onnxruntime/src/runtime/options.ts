import { availableParallelism } from 'node:os';
import { EngineError } from '../errors.js';
import { assertProviderStarts, type ExecutionProvider } from './execution-provider.js';

/** Settings of the engine; see {@link configureOnnxRuntime}. */
export interface OnnxRuntimeOptions {
  /** Threads that one operator may use. Default: the number of processors. */
  readonly intraOpNumThreads: number;
  /** Tried in order for each operator; `cpu` takes what the others cannot. Default: `['cpu']`. */
  readonly executionProviders: readonly ExecutionProvider[];
  /** Memory of disposed tensors kept for reuse, in bytes. Default: 1 GiB. */
  readonly maxPooledBytes: number;
  /** Operations that may wait to be computed before they are run unasked. Default: 2000. */
  readonly maxPendingNodes: number;
}

let current: OnnxRuntimeOptions = {
  intraOpNumThreads: availableParallelism(),
  executionProviders: ['cpu'],
  maxPooledBytes: 2 ** 30,
  maxPendingNodes: 2000,
};

let version = 0;

/**
 * Changes settings of the `onnxruntime` engine for everything compiled from now on; what is
 * compiled already keeps the settings it was compiled with.
 *
 * @throws EngineError `invalid-argument` for a value out of range, or an execution provider that
 * does not start on this machine.
 */
export function configureOnnxRuntime(options: Partial<OnnxRuntimeOptions>): void {
  const next = { ...current, ...options };
  for (const name of ['intraOpNumThreads', 'maxPooledBytes', 'maxPendingNodes'] as const) {
    const least = name === 'maxPooledBytes' ? 0 : 1;
    if (!Number.isInteger(next[name]) || next[name] < least) {
      throw new EngineError(
        'invalid-argument',
        `configureOnnxRuntime: ${name} is ${next[name]}, expected an integer of at least ${least}.`,
      );
    }
  }
  if (next.executionProviders.length === 0) {
    throw new EngineError(
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

/** Grows with each {@link configureOnnxRuntime}, so that caches of compiled graphs notice. */
export function optionsVersion(): number {
  return version;
}
