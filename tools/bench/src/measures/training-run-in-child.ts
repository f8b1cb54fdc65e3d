/** The process of `training-run.ts`: trains with everything on, and tells its parent. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { estimateMemory } from '@transfusion/core';
import { selectEngine } from '@transfusion/engine';
import { adamW, constantLr, disposeParams } from '@transfusion/nn';
import { train, type StepMetrics } from '@transfusion/trainer';
import { transfusionTask } from '../models/transfusion.js';
import { peakResidentBytes } from './peak-memory.js';
import type { TrainingRunJob, TrainingRunResult } from './training-run.js';

const { sizes, steps } = JSON.parse(process.argv[2]) as TrainingRunJob;
await selectEngine('onnxruntime');
const { model, batches } = transfusionTask(sizes);
const directory = await mkdtemp(join(tmpdir(), 'bench-train-'));
try {
  const measured: StepMetrics[] = [];
  const { ema } = await train({
    model,
    optimizer: adamW(),
    lrSchedule: constantLr(3e-4),
    totalSteps: steps,
    batches,
    seed: 1,
    directory,
    onStep: (metrics) => measured.push(metrics),
  });
  disposeParams(ema);
  // In the first steps the graph is compiled and the first images are rendered.
  const kept = measured.slice(2);
  const result: TrainingRunResult = {
    waits: kept.map(({ waitMs }) => waitMs),
    steps: kept.map(({ stepMs }) => stepMs),
    peakBytes: peakResidentBytes(),
    estimatedBytes: estimateMemory(model, sizes.shape).total,
  };
  process.send!(result, () => process.disconnect());
} finally {
  await rm(directory, { recursive: true });
}
