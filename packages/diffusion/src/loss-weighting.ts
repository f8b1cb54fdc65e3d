/**
 * Weights of the squared error of a prediction, by noise level. An error of x0 is σ/α times that of ε, and σ
 * times that of v or of the flow velocity, so a weighting defined for one prediction type is converted to the
 * others.
 */
import { checkPositive } from './check-arguments.js';
import type { NoiseLevel, PredictionType } from './noise-scheduler.js';
import { snr } from './prediction.js';

/** Returns the weight of the squared error of this kind of prediction at this noise level. */
export type LossWeighting = (level: NoiseLevel, predictionType: PredictionType) => number;

/** Weights all timesteps equally: with epsilon, the "simple" loss of Ho et al. 2020. */
export const uniform: LossWeighting = () => 1;

/**
 * Creates the min-SNR-γ weighting (Hang et al. 2023): the error of x0 has weight min(SNR, γ) for every
 * prediction type, so that low-noise timesteps do not dominate.
 *
 * @throws TransfusionError `invalid-argument` unless γ is positive
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
 * Creates the velocity-loss weighting, for every prediction type: v = (α·x - x0) / σ, so an error of x0 has
 * weight 1/σ², and one of ε 1/α². Divisors are at least `minDivisor`, so that the extreme timesteps do not
 * dominate.
 */
export function velocity(minDivisor = 0.05): LossWeighting {
  return ({ alpha, sigma }, predictionType) => {
    if (predictionType === 'sample') return 1 / Math.max(sigma, minDivisor) ** 2;
    if (predictionType === 'epsilon') return 1 / Math.max(alpha, minDivisor) ** 2;
    return 1;
  };
}
