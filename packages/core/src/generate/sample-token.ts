import { TransfusionError } from '@transfusion/errors';
import type { Rng } from '@transfusion/nn';

/** Options of {@link sampleToken}. */
export interface TokenSamplingOptions {
  /** Softmax temperature: below 1 sharpens the distribution, 0 is greedy (argmax); defaults to 1. */
  readonly temperature?: number;
  /** Samples from the k most likely tokens; defaults to no limit. */
  readonly topK?: number;
  /**
   * Nucleus sampling: the smallest set of most likely tokens whose probability reaches p (Holtzman et al.
   * 2020); defaults to 1 (off).
   */
  readonly topP?: number;
}

/**
 * Checks the options of {@link sampleToken}.
 *
 * @throws TransfusionError `invalid-argument` for options out of range
 */
export function checkTokenSampling({ temperature = 1, topK, topP = 1 }: TokenSamplingOptions): void {
  check(
    temperature >= 0 && Number.isFinite(temperature),
    `temperature is ${temperature}, expected a finite number of at least 0`,
  );
  check(
    topK === undefined || (Number.isInteger(topK) && topK > 0),
    `topK is ${topK}, expected a positive integer`,
  );
  check(topP > 0 && topP <= 1, `topP is ${topP}, expected more than 0 and at most 1`);
}

/**
 * Samples a token id. Logits of -Infinity are never sampled; top-p applies to the renormalized top-k.
 *
 * @throws TransfusionError `invalid-argument` unless a logit is finite, and for NaN or +Infinity
 */
export function sampleToken(logits: Float32Array, options: TokenSamplingOptions, rng: Rng): number {
  const { temperature = 1, topK = logits.length, topP = 1 } = options;
  // NaN fails the first comparison.
  if (!logits.every((logit) => logit < Infinity) || !logits.some((logit) => logit > -Infinity)) {
    throw new TransfusionError(
      'invalid-argument',
      'sampleToken: expected at least one finite logit, and no NaN or +Infinity. Check that the parameters are finite.',
    );
  }
  const greedyId = logits.reduce((best, logit, id) => (logit > logits[best] ? id : best), 0);
  if (temperature === 0) return greedyId;
  // Most likely first; ties in the order of their ids.
  const ids = Array.from(logits.keys())
    .filter((id) => logits[id] > -Infinity)
    .sort((a, b) => logits[b] - logits[a] || a - b)
    .slice(0, topK);
  const weights = ids.map((id) => Math.exp((logits[id] - logits[greedyId]) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let nucleusMass = 0;
  let nucleusSize = 0;
  while (nucleusSize < ids.length && (nucleusSize === 0 || nucleusMass < topP * total)) {
    nucleusMass += weights[nucleusSize];
    nucleusSize++;
  }
  let remaining = rng.uniform() * nucleusMass;
  for (let i = 0; i < nucleusSize; i++) {
    remaining -= weights[i];
    if (remaining < 0) return ids[i];
  }
  // Only reached by rounding.
  return ids[nucleusSize - 1];
}

function check(condition: boolean, problem: string): void {
  if (!condition) throw new TransfusionError('invalid-argument', `generate: ${problem}.`);
}
