/**
 * `pnpm bench train`: whole Transfusion steps at 11 and 40 million parameters against the rate at which
 * this machine multiplies matrices; waiting for data; memory. About ten minutes on two idle processors.
 */
import * as tf from '@transfusion/tfjs';
import type { Measure, MeasureGroup } from '../measure.js';
import { processors, sampled, sgemm, trainingStep } from '../measures/rate-groups.js';
import { rateTrainings } from '../measures/training-rate.js';
import { measureTrainingRun, type TrainingRunResult } from '../measures/training-run.js';
import {
  startTransfusionTraining,
  transfusion11M,
  transfusion40M,
  type TransfusionSizes,
} from '../models/transfusion.js';
import type { Suite, SuiteOptions } from '../suite.js';

/** The sizes and counts of a run. */
export interface TrainPlan {
  readonly sizes: readonly TransfusionSizes[];
  readonly sgemmSizes: readonly number[];
  readonly rounds: number;
  readonly maxRounds: number;
  readonly sampleMilliseconds: number;
  /** Steps of each size's whole training run. */
  readonly runSteps: number;
}

const fullPlan: TrainPlan = {
  sizes: [transfusion11M, transfusion40M],
  sgemmSizes: [1024, 2048, 4096],
  rounds: 12,
  maxRounds: 20,
  sampleMilliseconds: 400,
  runSteps: 22,
};

const quickPlan: TrainPlan = { ...fullPlan, rounds: 3, maxRounds: 4, runSteps: 8 };

export const trainSuite: Suite = {
  description: 'Transfusion training steps, waiting for data, memory',
  run: (options) => measureTraining(options.quick ? quickPlan : fullPlan, options),
};

const RATIO_FLOOR = { atLeast: 0.8 };
const WAIT_FLOOR = { below: 2 };
const ESTIMATE_FLOOR = { below: 20 };
const WARM_UP_STEPS = 2;

export async function measureTraining(
  plan: TrainPlan,
  { progress }: Pick<SuiteOptions, 'progress'>,
): Promise<MeasureGroup[]> {
  await tf.setBackend('onnxruntime');
  progress('Training steps between matrix products');
  const trainings = await Promise.all(plan.sizes.map(startTransfusionTraining));
  const rates = rateTrainings(trainings, { ...plan, warmUpSteps: WARM_UP_STEPS });

  const runs: MeasureGroup[] = [];
  for (const sizes of plan.sizes) {
    progress(`A training run of ${sizes.preset}`);
    runs.push(trainingRun(sizes, await measureTrainingRun({ sizes, steps: plan.runSteps })));
  }
  return [
    processors(rates),
    sgemm(rates),
    ...rates.map((rate, i) =>
      trainingStep(`Transfusion step, ${plan.sizes[i].preset}`, rate, rates, RATIO_FLOOR),
    ),
    ...runs,
  ];
}

function trainingRun({ preset }: TransfusionSizes, run: TrainingRunResult): MeasureGroup {
  const shares = run.waits.map((wait, i) => (wait / run.steps[i]) * 100);
  const gigabytes = (name: string, label: string, bytes: number, note: string): Measure => ({
    name: `${preset}.${name}`,
    label,
    value: bytes / 1e9,
    unit: 'GB',
    note,
  });
  return {
    title: `A training run, ${preset}`,
    measures: [
      {
        ...sampled(`${preset}.wait`, 'waiting for data', shares, '%'),
        floor: WAIT_FLOOR,
        note: `of the step; ${shares.length} steps`,
      },
      gigabytes('peak', 'peak memory', run.peakBytes, 'of the whole process'),
      gigabytes('estimate', 'estimated', run.estimatedBytes, 'what `transfusion inspect` prints'),
      {
        name: `${preset}.estimateError`,
        label: 'estimate is off by',
        value: Math.abs(run.estimatedBytes / run.peakBytes - 1) * 100,
        unit: '%',
        floor: ESTIMATE_FLOOR,
      },
    ],
  };
}
