import { TransfusionError } from '@transfusion/errors';
import type { Rng } from '@transfusion/nn';

/** Options of {@link sampleToken}. */
export interface TokenSamplingOptions {
  /** Below 1 prefers likely tokens, 0 takes the likeliest; defaults to 1. */
  readonly temperature?: number;
  /** Chooses among so many of the likeliest only; defaults to all. */
  readonly topK?: number;
  /** Chooses among the likeliest that together have this probability (Holtzman et al. 2020); defaults to 1. */
  readonly topP?: number;
}

/**
 * Checks options.
 *
 * @throws TransfusionError `invalid-argument` for options out of their range
 */
export function checkTokenSampling({ temperature = 1, topK = 1, topP = 1 }: TokenSamplingOptions): void {
  const wrong = !(temperature >= 0 && Number.isFinite(temperature))
    ? `temperature is ${temperature}, expected 0 or more`
    : !(Number.isInteger(topK) && topK > 0)
      ? `topK is ${topK}, expected a positive integer`
      : !(topP > 0 && topP <= 1)
        ? `topP is ${topP}, expected more than 0 and at most 1`
        : undefined;
  if (wrong !== undefined) throw new TransfusionError('invalid-argument', `generate: ${wrong}.`);
}

/**
 * Chooses an id. Logits of -Infinity are never chosen; top-p is taken of what top-k leaves.
 *
 * @throws TransfusionError `invalid-argument` if there is nothing to choose from, or a logit is not a number
 */
export function sampleToken(logits: Float32Array, options: TokenSamplingOptions, rng: Rng): number {
  const { temperature = 1, topK = logits.length, topP = 1 } = options;
  if (logits.some(Number.isNaN) || !logits.some((logit) => logit > -Infinity)) {
    throw new TransfusionError(
      'invalid-argument',
      'sampleToken: all logits are -Infinity, or some are NaN; expected finite ones. Check that the parameters are finite.',
    );
  }
  const highest = logits.reduce((best, logit, id) => (logit > logits[best] ? id : best), 0);
  if (temperature === 0) return highest;
  // Likeliest first; equal ones in the order of their ids.
  const ids = Array.from(logits.keys())
    .filter((id) => logits[id] > -Infinity)
    .sort((a, b) => logits[b] - logits[a] || a - b)
    .slice(0, topK);
  const weights = ids.map((id) => Math.exp((logits[id] - logits[highest]) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let kept = 0;
  let count = 0;
  while (count < ids.length && (count === 0 || kept < topP * total)) kept += weights[count++];
  let remaining = rng.uniform() * kept;
  for (let i = 0; i < count; i++) {
    remaining -= weights[i];
    if (remaining < 0) return ids[i];
  }
  return ids[count - 1];
}
