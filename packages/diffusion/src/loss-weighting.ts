/**
 * Weights of the squared error of a prediction, by noise level. An error of x0 is σ/α times that
 * of ε, and σ times that of v or of the flow's velocity, so a weighting meant for one prediction is
 * written down for the others.
 */
import { checkPositive } from './check-arguments.js';
import type { NoiseLevel, PredictionType } from './noise-scheduler.js';
import { snr } from './prediction.js';

/** Returns the weight of the squared error of this kind of prediction at this noise level. */
export type LossWeighting = (level: NoiseLevel, predictionType: PredictionType) => number;

/** Every timestep counts 1: the "simple" loss of Ho et al. 2020 for epsilon. */
export const uniform: LossWeighting = () => 1;

/**
 * Min-SNR-γ (Hang et al. 2023): the error of x0 counts min(SNR, γ), whatever is predicted, so that
 * timesteps of little noise do not outweigh the rest.
 *
 * @throws TransfusionError `invalid-argument` for a γ that is not above 0
 */
export function minSnr(gamma = 5): LossWeighting {
  checkPositive('minSnr', 'gamma', gamma);
  return (level, predictionType) => {
    const ratio = snr(level);
    const clipped = Math.min(ratio, gamma);
    if (predictionType === 'epsilon') return clipped / ratio;
    if (predictionType === 'sample') return clipped;
    return clipped * level.sigma ** 2;
  };
}

/**
 * The loss of the velocity, whatever is predicted: v = (α·x - x0) / σ, so an error of x0 counts 1/σ²,
 * and one of ε 1/α². Divisors below `minDivisor` count as that, or the ends would outweigh the rest.
 */
export function velocity(minDivisor = 0.05): LossWeighting {
  return ({ alpha, sigma }, predictionType) => {
    if (predictionType === 'sample') return 1 / Math.max(sigma, minDivisor) ** 2;
    if (predictionType === 'epsilon') return 1 / Math.max(alpha, minDivisor) ** 2;
    return 1;
  };
}
