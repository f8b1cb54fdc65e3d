import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as tf from '@transfusion/tfjs';
import type { OrtSessionOptions } from '../runtime/native-binding.js';
import type { CompiledFunction } from './compiled-function.js';

/** Time spent in one operator of ONNX Runtime on behalf of one TensorFlow.js kernel. */
export interface KernelProfileRow {
  /** TensorFlow.js kernel that recorded the node; empty for nodes that ONNX Runtime added. */
  readonly kernel: string;
  /** Operator that ONNX Runtime ran, after its optimizations. */
  readonly operator: string;
  /** Calls in one run. */
  readonly calls: number;
  /** Median over the runs, in milliseconds per run. */
  readonly milliseconds: number;
  /** Share of the time of all operators, 0 to 1. */
  readonly share: number;
}

/** Time spent in each operator of a compiled function. */
export interface KernelProfile {
  /** Most expensive first. */
  readonly rows: readonly KernelProfileRow[];
  /** All operators together, in milliseconds per run. */
  readonly milliseconds: number;
  /** The rows as a table for a terminal. */
  toString(): string;
}

/** Number of measured runs, after one of warm-up. */
const RUNS = 5;

/** Runs a function under ONNX Runtime's profiler. */
export function profileFunction(
  args: readonly tf.Tensor[],
  compile: (session: OrtSessionOptions) => CompiledFunction,
): KernelProfile {
  const folder = mkdtempSync(join(tmpdir(), 'onnxruntime-profile-'));
  try {
    const compiled = compile({ enableProfiling: true, profileFilePrefix: join(folder, 'profile') });
    try {
      for (let i = 0; i <= RUNS; i++) compiled.runDiscarding(args);
    } finally {
      compiled.endProfiling();
      compiled.dispose();
    }
    const file = readdirSync(folder).find((name) => name.endsWith('.json'));
    if (file === undefined) return summarize([]); // the function computes nothing
    return summarize(JSON.parse(readFileSync(join(folder, file), 'utf8')) as TraceEvent[]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One entry of ONNX Runtime's profile (Chrome trace-event format); durations in microseconds. */
interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

function summarize(events: readonly TraceEvent[]): KernelProfile {
  const runs: TraceEvent[][] = [];
  let run: TraceEvent[] = [];
  for (const event of events) {
    if (event.cat === 'Node' && event.name.endsWith('_kernel_time')) run.push(event);
    if (event.cat === 'Session' && event.name === 'model_run') {
      runs.push(run);
      run = [];
    }
  }
  const measured = runs.slice(1);
  const times = new Map<string, { kernel: string; operator: string; calls: number; perRun: number[] }>();
  measured.forEach((nodes, index) => {
    for (const { name, dur, args } of nodes) {
      const kernel = /^(\w+)\/\w+_\d+/.exec(name)?.[1] ?? '';
      const operator = args?.op_name ?? '';
      const key = `${kernel} ${operator}`;
      let entry = times.get(key);
      if (entry === undefined) {
        entry = { kernel, operator, calls: 0, perRun: measured.map(() => 0) };
        times.set(key, entry);
      }
      entry.calls++;
      entry.perRun[index] += dur / 1000;
    }
  });
  const rows = [...times.values()].map(({ kernel, operator, calls, perRun }) => ({
    kernel,
    operator,
    calls: calls / measured.length,
    milliseconds: median(perRun),
  }));
  const milliseconds = rows.reduce((sum, row) => sum + row.milliseconds, 0);
  const ranked = rows
    .map((row) => ({ ...row, share: row.milliseconds / milliseconds }))
    .sort((a, b) => b.milliseconds - a.milliseconds);
  return { rows: ranked, milliseconds, toString: () => table(ranked, milliseconds) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function table(rows: readonly KernelProfileRow[], total: number): string {
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i < 2 ? cell.padEnd(24) : cell.padStart(9)))
      .join(' ')
      .trimEnd();
  return [
    line(['kernel', 'ONNX operator', 'calls', 'ms', 'share']),
    ...rows.map(({ kernel, operator, calls, milliseconds, share }) =>
      line([
        kernel || '(ONNX Runtime)',
        operator,
        String(calls),
        milliseconds.toFixed(3),
        `${(share * 100).toFixed(1)} %`,
      ]),
    ),
    line(['total', '', '', total.toFixed(3), '']),
  ].join('\n');
}
