/**
 * The rate of training steps against the rate of plain matrix products. Other programs change what
 * the machine gives from second to second, so the two take turns, and each step is framed by matrix
 * products: P step P step P. A frame in which other programs ran is set aside as long as there are
 * enough others.
 */
import { gflopsOf, processorShare, sample, type Sample } from './sample.js';
import {
  compiledSquareProduct,
  sampleSgemm,
  sgemmRate,
  type SgemmSamples,
  type SquareProduct,
} from './sgemm.js';

/** Below this share of the processors a sample is disturbed. */
export const UNDISTURBED_SHARE = 0.9;

/** A model under training, whose rate is measured. */
export interface RatedTraining {
  readonly model: { readonly name: string; readonly flopsPerStep: number };
  /** Takes a step, and returns the loss before it. */
  step(): number;
}

/** Training steps, and the matrix products right before and after. */
export interface Frame {
  readonly steps: Sample;
  readonly before: SgemmSamples;
  readonly after: SgemmSamples;
}

export interface TrainingRate {
  readonly training: RatedTraining;
  /** The frames to judge by: the undisturbed ones, or all if those are too few. */
  readonly frames: readonly Frame[];
  readonly setAside: number;
  /** Of every step from the first. */
  readonly losses: readonly number[];
}

export interface RateOptions {
  /** Sides of the square matrices that are multiplied. */
  readonly sgemmSizes: readonly number[];
  /** Undisturbed frames wanted of each training. */
  readonly rounds: number;
  /** Rounds after which it stops wanting more. */
  readonly maxRounds: number;
  /** Steps of each training that are not measured. */
  readonly warmUpSteps: number;
  /** The least length of a sample. */
  readonly sampleMilliseconds: number;
}

/** Rates trainings against matrix products, and disposes of both. */
export function rateTrainings(
  trainings: readonly (RatedTraining & { dispose(): void })[],
  options: RateOptions,
): TrainingRate[] {
  const products = options.sgemmSizes.map(compiledSquareProduct);
  const rates = interleave(products, trainings, options);
  for (const { dispose } of [...products, ...trainings]) dispose();
  return rates;
}

function interleave(
  products: readonly SquareProduct[],
  trainings: readonly RatedTraining[],
  { rounds, maxRounds, warmUpSteps, sampleMilliseconds }: RateOptions,
): TrainingRate[] {
  sampleSgemm(products, 0);
  const open = trainings.map((training) => ({
    training,
    losses: Array.from({ length: warmUpSteps }, () => training.step()),
    frames: [] as Frame[],
  }));

  let before = sampleSgemm(products, sampleMilliseconds);
  for (let round = 0; round < maxRounds; round++) {
    if (open.every(({ frames }) => frames.filter(isUndisturbed).length >= rounds)) break;
    for (const { training, losses, frames } of open) {
      const steps = sample(() => losses.push(training.step()), sampleMilliseconds);
      const after = sampleSgemm(products, sampleMilliseconds);
      frames.push({ steps, before, after });
      before = after;
    }
  }
  return open.map(({ training, losses, frames }) => {
    const chosen = framesToJudgeBy(frames, rounds);
    return { training, losses, frames: chosen, setAside: frames.length - chosen.length };
  });
}

/** The undisturbed frames if they are at least half as many as were wanted, else all. */
export function framesToJudgeBy(frames: readonly Frame[], wanted: number): readonly Frame[] {
  const undisturbed = frames.filter(isUndisturbed);
  return undisturbed.length >= wanted / 2 ? undisturbed : frames;
}

function isUndisturbed(frame: Frame): boolean {
  return frameShare(frame) >= UNDISTURBED_SHARE;
}

/** The least share of the processors in any part of the frame. */
export function frameShare({ steps, before, after }: Frame): number {
  return Math.min(...[steps, ...before.values(), ...after.values()].map(processorShare));
}

/** GFLOP/s of each frame's steps. */
export function ratesOf({ training, frames }: TrainingRate): number[] {
  return frames.map(({ steps }) => gflopsOf(steps, training.model.flopsPerStep));
}

/** Of each frame: the rate of its steps over that of its matrix products. */
export function ratiosOf({ training, frames }: TrainingRate): number[] {
  return frames.map(
    ({ steps, before, after }) => gflopsOf(steps, training.model.flopsPerStep) / sgemmRate([before, after]),
  );
}

/** The matrix products of the frames of all trainings, each once. */
export function productsOf(rates: readonly TrainingRate[]): SgemmSamples[] {
  return [...new Set(rates.flatMap(({ frames }) => frames.flatMap(({ before, after }) => [before, after])))];
}
