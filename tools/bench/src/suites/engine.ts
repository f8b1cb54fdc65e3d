/**
 * `pnpm bench engine`: TensorFlow.js on ONNX Runtime, compiled training steps above all, against
 * the rate at which this machine multiplies matrices. About ten minutes on two idle processors;
 * with `--quick`, about three.
 */
import * as tf from '@transfusion/tfjs';
import type { LoweredFunction } from '@transfusion/tfjs-backend-onnxruntime';
import type { Floor, Measure, MeasureGroup } from '../measure.js';
import { squareProductRates } from '../measures/other-backends.js';
import { measureResidentMemory, memoryGrowth, type MemoryPlan } from '../measures/resident-memory.js';
import { ratesBySize } from '../measures/sgemm.js';
import {
  eagerChainRates,
  eagerReadRates,
  jittedCallMicroseconds,
  type SmallCallOptions,
} from '../measures/small-calls.js';
import { processors, sampled, sgemm, trainingStep } from '../measures/rate-groups.js';
import { productsOf, rateTrainings, type TrainingRate } from '../measures/training-rate.js';
import { llama, llama11M, type LlamaSizes } from '../models/llama.js';
import { startTraining } from '../models/training.js';
import { unet, unet64, type UnetSizes } from '../models/unet.js';
import { medianOf } from '../statistics.js';
import type { Suite, SuiteOptions } from '../suite.js';

/** The sizes and counts of a run. */
export interface EnginePlan {
  readonly llama: LlamaSizes;
  readonly unet: UnetSizes;
  /** Sizes of the square matrices; the first is also multiplied on the other backends. */
  readonly sgemmSizes: readonly number[];
  readonly rounds: number;
  readonly maxRounds: number;
  readonly sampleMilliseconds: number;
  readonly otherBackendSamples: number;
  readonly smallCalls: SmallCallOptions;
  readonly memory: MemoryPlan;
}

const fullPlan: EnginePlan = {
  llama: llama11M,
  unet: unet64,
  sgemmSizes: [1024, 2048, 4096],
  rounds: 12,
  maxRounds: 24,
  sampleMilliseconds: 400,
  otherBackendSamples: 3,
  smallCalls: { samples: 2000, callsPerSample: 10 },
  memory: { steps: 300, interval: 10, warmUpSteps: 20, windowSteps: 50 },
};

const quickPlan: EnginePlan = {
  ...fullPlan,
  rounds: 4,
  maxRounds: 6,
  otherBackendSamples: 2,
  smallCalls: { samples: 500, callsPerSample: 10 },
  memory: { steps: 60, interval: 5, warmUpSteps: 20, windowSteps: 15 },
};

export const engineSuite: Suite = {
  description: 'TensorFlow.js on ONNX Runtime: training steps, small calls, memory',
  run: (options) => measureEngine(options.quick ? quickPlan : fullPlan, options),
};

const WARM_UP_STEPS = 3;
const CHAIN_LENGTH = 1000;

const floors = {
  llamaRatio: { atLeast: 0.88 },
  unetRatio: { atLeast: 0.7 },
  jittedCall: { below: 60 },
  memoryGrowth: { below: 3 },
  peakMemory: { below: 1.6 },
} satisfies Record<string, Floor>;

export async function measureEngine(
  plan: EnginePlan,
  { progress }: Pick<SuiteOptions, 'progress'>,
): Promise<MeasureGroup[]> {
  await tf.setBackend('onnxruntime');

  progress('Tracing and compiling');
  const trainings = [startTraining(llama(plan.llama)), startTraining(unet(plan.unet))];
  // Before anything else has run: what a program's first step waits for.
  const lowered = trainings.map((training) => training.lower());

  progress('Training steps between matrix products');
  const rates = rateTrainings(trainings, { ...plan, warmUpSteps: WARM_UP_STEPS });

  progress('Matrix products on the wasm and cpu backends');
  const others = await otherBackends(plan, rates);

  progress('Small calls');
  const small = smallCalls(plan.smallCalls);

  progress('Memory of a training process');
  const memory = await residentMemory(plan);

  const [llamaRate, unetRate] = rates;
  return [
    processors(rates),
    sgemm(rates),
    trainingStep('Training step, Llama blocks', llamaRate, rates, floors.llamaRatio),
    trainingStep('Training step, U-Net', unetRate, rates, floors.unetRatio),
    others,
    compilation('First call of the Llama step', lowered[0]),
    small,
    memory,
  ];
}

async function otherBackends(
  { sgemmSizes: [size], otherBackendSamples }: EnginePlan,
  rates: readonly TrainingRate[],
): Promise<MeasureGroup> {
  const ours = medianOf(ratesBySize(productsOf(rates)).get(size)!);
  const measures: Measure[] = [];
  for (const backend of ['wasm', 'cpu'] as const) {
    const theirs = await squareProductRates(backend, size, otherBackendSamples);
    const measure = sampled(`${backend}.${size}`, `${size} × ${size} on ${backend}`, theirs, 'GFLOP/s');
    measures.push({ ...measure, note: `onnxruntime is ${(ours / measure.value).toFixed(1)} × as fast` });
  }
  return { title: 'The same product on other backends', measures };
}

function compilation(title: string, lowered: LoweredFunction): MeasureGroup {
  const { traceMilliseconds, compileMilliseconds, nodeCount, onnx } = lowered;
  return {
    title,
    measures: [
      { name: 'llama.trace', label: 'trace', value: traceMilliseconds, unit: 'ms' },
      { name: 'llama.compile', label: 'compile', value: compileMilliseconds, unit: 'ms' },
      { name: 'llama.nodes', label: 'graph', value: nodeCount, unit: 'nodes' },
      { name: 'llama.onnx', label: 'ONNX file', value: onnx.length, unit: 'bytes' },
    ],
  };
}

function smallCalls(options: SmallCallOptions): MeasureGroup {
  const chainOptions = { samples: Math.ceil(options.samples / 20), callsPerSample: 1 };
  const jitted = jittedCallMicroseconds(options);
  const chained = eagerChainRates(CHAIN_LENGTH, chainOptions);
  const read = eagerReadRates(options);
  return {
    title: 'Small tensors',
    measures: [
      {
        ...sampled('small.jitted', 'compiled call, ten operations', jitted, 'µs'),
        floor: floors.jittedCall,
      },
      {
        ...sampled('small.chain', 'eager operations, in a chain', chained, 'per second'),
        note: `${CHAIN_LENGTH} operations, then dataSync`,
      },
      {
        ...sampled('small.read', 'eager operations, each read', read, 'per second'),
        note: 'dataSync after each',
      },
    ],
  };
}

async function residentMemory({ llama: sizes, memory: plan }: EnginePlan): Promise<MeasureGroup> {
  const { samples, peakBytes } = await measureResidentMemory({ sizes, plan });
  const { steps, warmUpSteps, windowSteps } = plan;
  return {
    title: `Resident memory over ${steps} Llama steps`,
    measures: [
      {
        ...sampled(
          'memory.resident',
          'resident',
          samples.map(({ bytes }) => bytes / 1e9),
          'GB',
        ),
        note: 'GB: 10⁹ bytes',
      },
      {
        name: 'memory.growth',
        label: 'growth',
        value: memoryGrowth(samples, plan) * 100,
        unit: '%',
        floor: floors.memoryGrowth,
        note: `last ${windowSteps} steps against steps ${warmUpSteps} to ${warmUpSteps + windowSteps}`,
      },
      {
        name: 'memory.peak',
        label: 'peak',
        value: peakBytes / 1e9,
        unit: 'GB',
        floor: floors.peakMemory,
        note: 'of the whole process',
      },
    ],
  };
}
