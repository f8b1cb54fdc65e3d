/**
 * The rate of training steps against the rate of plain matrix products. Other programs change what
 * the machine gives from second to second, so the two take turns, and each step is framed by matrix
 * products: P step P step P.
 */
import type { Training } from '../models/training.js';
import { gflopsOf, sample, type Sample } from './sample.js';
import { sampleSgemm, sgemmRate, type SgemmSamples, type SquareProduct } from './sgemm.js';

export interface TrainingRate {
  readonly training: Training;
  readonly samples: readonly Sample[];
  /** GFLOP/s of each sample. */
  readonly rates: readonly number[];
  /** Of each sample: its rate over that of the matrix products right before and after. */
  readonly ratios: readonly number[];
  readonly losses: readonly number[];
}

export interface InterleavedRates {
  readonly sgemm: readonly SgemmSamples[];
  readonly trainings: readonly TrainingRate[];
}

export interface InterleaveOptions {
  readonly rounds: number;
  /** Steps of each training that are not measured. */
  readonly warmUpSteps: number;
  /** The least length of a sample. */
  readonly milliseconds: number;
}

export function interleave(
  products: readonly SquareProduct[],
  trainings: readonly Training[],
  { rounds, warmUpSteps, milliseconds }: InterleaveOptions,
): InterleavedRates {
  sampleSgemm(products, 0);
  const open = trainings.map((training) => ({
    training,
    losses: Array.from({ length: warmUpSteps }, () => training.step()),
    samples: [] as Sample[],
    ratios: [] as number[],
  }));

  const sgemm = [sampleSgemm(products, milliseconds)];
  for (let round = 0; round < rounds; round++) {
    for (const { training, losses, samples, ratios } of open) {
      const before = sgemm[sgemm.length - 1];
      const step = sample(() => losses.push(training.step()), milliseconds);
      const after = sampleSgemm(products, milliseconds);
      sgemm.push(after);
      samples.push(step);
      ratios.push(gflopsOf(step, training.model.flopsPerStep) / sgemmRate([before, after]));
    }
  }
  const rated = open.map((entry) => ({
    ...entry,
    rates: entry.samples.map((one) => gflopsOf(one, entry.training.model.flopsPerStep)),
  }));
  return { sgemm, trainings: rated };
}
