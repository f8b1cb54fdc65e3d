/** Noise schedules of the DDPM family, as float64 tables. */
import { TransfusionError } from '@transfusion/errors';
import { checkOneOf, checkInteger } from './check-arguments.js';
import type { NoiseLevel } from './noise-scheduler.js';

/**
 * The schedule of β, the variance added at each timestep: linear (Ho et al. 2020), linear in √β (Rombach et
 * al. 2022), or such that ᾱ follows a squared cosine (Nichol & Dhariwal 2021, equation 17).
 */
export type BetaSchedule = 'linear' | 'scaled-linear' | 'cosine';

/** Options of a noise schedule. */
export interface NoiseScheduleOptions {
  /** Defaults to 1000. */
  readonly numTrainTimesteps?: number;
  /** Defaults to `cosine`. */
  readonly betaSchedule?: BetaSchedule;
  /** The first β of the two linear schedules; defaults to 0.0001. */
  readonly betaStart?: number;
  /** The last β of the two linear schedules; defaults to 0.02. */
  readonly betaEnd?: number;
}

/**
 * ᾱ at each timestep. A timestep of the DDPM family is an index into this table: 0 is already slightly noisy,
 * and `numTrainTimesteps` - 1 the noisiest. The clean sample, where sampling ends, is timestep -1.
 */
export interface NoiseSchedule {
  /**
   * Identifies the schedule: `cosine`, or a linear one with its first and last β, such as
   * `linear 0.0001 0.02`.
   */
  readonly name: string;
  readonly numTrainTimesteps: number;
  /** ᾱ, the squared scale of the clean sample: [numTrainTimesteps], decreasing. */
  readonly alphasCumprod: Float64Array;
}

/**
 * Computes the table of ᾱ.
 *
 * @throws TransfusionError `invalid-argument` for an unknown schedule, or a β outside 0 … 1
 */
export function createNoiseSchedule({
  numTrainTimesteps,
  betaSchedule,
  betaStart,
  betaEnd,
}: Required<NoiseScheduleOptions>): NoiseSchedule {
  checkInteger('noise schedule', 'numTrainTimesteps', numTrainTimesteps, 1, 1_000_000);
  checkOneOf('noise schedule', 'betaSchedule', betaSchedule, ['linear', 'scaled-linear', 'cosine']);
  if (!(betaStart > 0 && betaStart <= betaEnd && betaEnd < 1)) {
    throw new TransfusionError(
      'invalid-argument',
      `noise schedule: β runs from ${betaStart} to ${betaEnd}, expected 0 < betaStart <= betaEnd < 1.`,
    );
  }
  const beta = betaOf[betaSchedule](numTrainTimesteps, betaStart, betaEnd);
  let alphaCumprod = 1;
  return {
    name: betaSchedule === 'cosine' ? betaSchedule : `${betaSchedule} ${betaStart} ${betaEnd}`,
    numTrainTimesteps,
    alphasCumprod: Float64Array.from({ length: numTrainTimesteps }, (_, t) => (alphaCumprod *= 1 - beta(t))),
  };
}

/**
 * Returns α = √ᾱ and σ = √(1 - ᾱ) at a timestep; 1 and 0 at -1.
 *
 * @throws TransfusionError `invalid-argument` for a timestep that is not in the table
 */
export function noiseLevelAt({ numTrainTimesteps, alphasCumprod }: NoiseSchedule, t: number): NoiseLevel {
  checkInteger('noise schedule', 't', t, -1, numTrainTimesteps - 1);
  const alphaCumprod = t < 0 ? 1 : alphasCumprod[t];
  return { alpha: Math.sqrt(alphaCumprod), sigma: Math.sqrt(1 - alphaCumprod) };
}

type BetaOf = (steps: number, start: number, end: number) => (t: number) => number;

const betaOf: Record<BetaSchedule, BetaOf> = {
  linear: (steps, start, end) => (t) => between(start, end, t, steps),
  'scaled-linear': (steps, start, end) => (t) => between(Math.sqrt(start), Math.sqrt(end), t, steps) ** 2,
  // β is capped as in the paper; otherwise ᾱ would reach 0 at the last timestep.
  cosine: (steps) => (t) => Math.min(1 - squaredCosine((t + 1) / steps) / squaredCosine(t / steps), 0.999),
};

function between(start: number, end: number, index: number, length: number): number {
  return length === 1 ? start : start + ((end - start) * index) / (length - 1);
}

function squaredCosine(time: number): number {
  return Math.cos((((time + 0.008) / 1.008) * Math.PI) / 2) ** 2;
}
