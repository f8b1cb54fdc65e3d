/** The same training steps on several TensorFlow.js backends: how fast each is, and whether they agree. */
import * as tf from '@transfusion/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { train, type TrainingTask } from './training.js';

export interface Engine {
  readonly name: string;
  readonly backend: string;
  readonly useJit: boolean;
}

export type EngineResult = EngineMeasurement | EngineFailure;

export interface EngineMeasurement {
  readonly engine: string;
  /** The fastest step: the first ones compile, and any may be disturbed. */
  readonly millisecondsPerStep: number;
  /** The loss before each step. */
  readonly losses: readonly number[];
}

export interface EngineFailure {
  readonly engine: string;
  readonly notPossible: string;
}

export interface CompareOptions {
  readonly steps: number;
  /** An engine that has taken so long makes no further step, but at least two. */
  readonly maxSeconds: number;
  onEngine?(name: string): void;
}

/** The one that the others are compared with comes first, TensorFlow.js's own reference last. */
export const engines: readonly Engine[] = [
  { name: 'onnxruntime with jit', backend: 'onnxruntime', useJit: true },
  { name: 'onnxruntime', backend: 'onnxruntime', useJit: false },
  { name: 'wasm', backend: 'wasm', useJit: false },
  { name: 'cpu', backend: 'cpu', useJit: false },
];

/** @param createTask must make the same weights and batches each time. */
export async function compareEngines(
  createTask: () => TrainingTask,
  options: CompareOptions,
): Promise<EngineResult[]> {
  const before = tf.getBackend();
  const results: EngineResult[] = [];
  for (const engine of engines) {
    options.onEngine?.(engine.name);
    results.push(await measure(engine, createTask, options));
  }
  await tf.setBackend(before);
  return results;
}

/** The largest difference between two engines' losses, over the steps that both made. */
export function largestDifference(one: EngineMeasurement, other: EngineMeasurement): number {
  const steps = Math.min(one.losses.length, other.losses.length);
  const differences = one.losses.slice(0, steps).map((loss, step) => Math.abs(loss - other.losses[step]!));
  return Math.max(...differences);
}

export function isMeasurement(result: EngineResult): result is EngineMeasurement {
  return 'losses' in result;
}

async function measure(
  { name, backend, useJit }: Engine,
  createTask: () => TrainingTask,
  { steps, maxSeconds }: CompareOptions,
): Promise<EngineResult> {
  let task: TrainingTask | undefined;
  try {
    if (!(await tf.setBackend(backend))) throw new Error(`the backend '${backend}' does not start here`);
    task = createTask();
    const losses: number[] = [];
    const times: number[] = [];
    const start = performance.now();
    for (const { step, loss, milliseconds } of train(task, { useJit })) {
      losses.push(loss);
      times.push(milliseconds);
      const isLate = step >= 2 && performance.now() - start > maxSeconds * 1000;
      if (step === steps || isLate) break;
    }
    return { engine: name, millisecondsPerStep: Math.min(...times), losses };
  } catch (error) {
    return { engine: name, notPossible: reasonOf(error) };
  } finally {
    task?.dispose();
  }
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const missing = /Kernel '(\w+)' not registered for backend '\w+'/.exec(message);
  return missing === null ? message.split('\n')[0]! : `it has no kernel ${missing[1]}`;
}
