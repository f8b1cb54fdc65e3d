/** The process of `resident-memory.ts`: trains, looks at its own memory, and tells its parent. */
import * as tf from '@transfusion/tfjs';
import { llama } from '../models/llama.js';
import { startTraining } from '../models/training.js';
import { peakResidentBytes } from './peak-memory.js';
import type { MemoryJob, MemoryResult, MemorySample } from './resident-memory.js';

await tf.setBackend('onnxruntime');
const { sizes, plan } = JSON.parse(process.argv[2]) as MemoryJob;
const training = startTraining(llama(sizes));
const samples: MemorySample[] = [];
for (let step = 1; step <= plan.steps; step++) {
  training.step();
  if (step >= plan.warmUpSteps && step % plan.interval === 0) {
    samples.push({ step, bytes: process.memoryUsage.rss() });
  }
}
const result: MemoryResult = { samples, peakBytes: peakResidentBytes() };
process.send!(result, () => process.disconnect());
