import { invariant, TransfusionError } from '@transfusion/errors';
import type { Rng } from '@transfusion/nn/rng';
import { checkCondition } from './check-condition.js';
import { expOfNonPositive } from './exponential.js';

/**
 * Options for sampling tokens. They apply in this order: `repetitionPenalty`, `logitBias`, `temperature`, `topK`,
 * `topP`, `minP`. All of them are about the tokens that the request allows.
 */
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
  /**
   * Min-p sampling: the tokens whose probability is at least this fraction of the most likely one's (Nguyen et al.
   * 2024); defaults to 0 (off).
   */
  readonly minP?: number;
  /**
   * Makes tokens less likely that the prompt or the generated document has, however often: positive logits are
   * divided by the penalty, negative ones multiplied (Keskar et al. 2019, "CTRL", section 4.1). Markers and spans
   * do not count. Below 1 makes them more likely; defaults to 1 (off).
   */
  readonly repetitionPenalty?: number;
  /** Numbers added to the logits of single tokens; those of one token add up. */
  readonly logitBias?: readonly LogitBias[];
}

/** A number added to the logit of a token. */
export interface LogitBias {
  /** Name of a discrete modality. */
  readonly modality: string;
  /** The modality's own id of the token, from 0. */
  readonly id: number;
  /** Negative makes the token less likely, -Infinity impossible. */
  readonly bias: number;
}

/**
 * Checks the options for sampling tokens, apart from the tokens that `logitBias` names.
 *
 * @throws TransfusionError `invalid-argument` for options out of range
 */
export function checkTokenSampling({
  temperature = 1,
  topK,
  topP = 1,
  minP = 0,
  repetitionPenalty = 1,
}: TokenSamplingOptions): void {
  checkCondition(
    temperature >= 0 && Number.isFinite(temperature),
    `temperature is ${temperature}, expected a finite number of at least 0`,
  );
  checkCondition(
    topK === undefined || (Number.isInteger(topK) && topK > 0),
    `topK is ${topK}, expected a positive integer`,
  );
  checkCondition(topP > 0 && topP <= 1, `topP is ${topP}, expected more than 0 and at most 1`);
  checkCondition(minP >= 0 && minP <= 1, `minP is ${minP}, expected a number from 0 to 1`);
  checkCondition(
    repetitionPenalty > 0 && Number.isFinite(repetitionPenalty),
    `repetitionPenalty is ${repetitionPenalty}, expected a finite number above 0`,
  );
}

/**
 * Samples a token id by temperature, top-k, top-p and min-p. Logits of -Infinity are never sampled; top-p applies to
 * the renormalized top-k.
 *
 * @throws TransfusionError `invalid-argument` unless a logit is finite, and for NaN or +Infinity
 */
export function sampleToken(
  logits: Float32Array,
  { temperature = 1, topK = logits.length, topP = 1, minP = 0 }: TokenSamplingOptions,
  rng: Rng,
): number {
  const greedyId = mostLikely(logits);
  if (temperature === 0) return greedyId;
  const isLimited = topK < logits.length;
  const weightOf = (id: number): number => expOfNonPositive((logits[id] - logits[greedyId]) / temperature);
  const all = isLimited ? undefined : allWeights(logits, logits[greedyId], temperature);
  if (all !== undefined && topP === 1 && minP === 0) return indexAt(rng.uniform() * sumOf(all), all);
  const totalOfAll = all === undefined ? Number.NaN : sumOf(all);
  // Few tokens are kept as a rule, and to rank all of them takes longer than all else.
  for (let count = isLimited ? topK : FEW_RANKS; ; count *= 8) {
    const ids = rankedIds(logits, count);
    const weights = ids.map(weightOf);
    const total = isLimited ? sumOf(weights) : totalOfAll;
    let keptMass = 0;
    let numKept = 0;
    // The first weight is 1, and weights decrease.
    while (numKept < ids.length && (numKept === 0 || (keptMass < topP * total && weights[numKept] >= minP))) {
      keptMass += weights[numKept];
      numKept++;
    }
    // Those that are not ranked might be kept as well.
    if (numKept === count && !isLimited && count < logits.length) continue;
    return ids[indexAt(rng.uniform() * keptMass, weights.subarray(0, numKept))];
  }
}

/** Number of tokens that are ranked at first. */
const FEW_RANKS = 64;

/** Memory of {@link allWeights}: to allocate it for each token takes longer than to fill it. */
let weightsMemory = new Float64Array();

/** Returns the weight of each token, 1 for the most likely; valid until the next call. */
function allWeights(logits: Float32Array, largest: number, temperature: number): Float64Array {
  if (weightsMemory.length < logits.length) weightsMemory = new Float64Array(logits.length);
  const weights = weightsMemory.subarray(0, logits.length);
  for (let id = 0; id < logits.length; id++) {
    weights[id] = expOfNonPositive((logits[id] - largest) / temperature);
  }
  return weights;
}

/** Returns the index whose share of the summed weights contains `at`; never one of weight 0. */
function indexAt(at: number, weights: Float64Array): number {
  let remaining = at;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    remaining -= weights[i];
    if (remaining < 0) return i;
    last = i;
  }
  // Only reached by rounding.
  return last;
}

function sumOf(weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i];
  return sum;
}

/** Returns the id of the largest logit, the first of equal ones; refuses logits that cannot be sampled from. */
function mostLikely(logits: Float32Array): number {
  let best = -1;
  let largest = -Infinity;
  let isValid = true;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id];
    // False for NaN.
    if (!(logit < Infinity)) isValid = false;
    if (logit > largest) {
      largest = logit;
      best = id;
    }
  }
  if (isValid && best >= 0) return best;
  throw new TransfusionError(
    'invalid-argument',
    'sampleToken: expected at least one finite logit, and no NaN or +Infinity. Check that the parameters are finite.',
  );
}

/** Ids take this many of the 53 bits of a rank; the 32 above are the logit's. */
const ID_BITS = 21;
const ID_RANGE = 2 ** ID_BITS;

/**
 * Returns the ids of the `count` largest logits, largest first and ties in the order of ids, without those of
 * -Infinity. A rank is one number that holds the logit and the id, since numbers sort many times faster than ids by
 * a comparison of their logits.
 */
function rankedIds(logits: Float32Array, count: number): Float64Array {
  invariant(
    logits.length <= ID_RANGE,
    () => `${logits.length} logits, but ranks have ${ID_BITS} bits for ids`,
  );
  const bits = new Uint32Array(logits.buffer, logits.byteOffset, logits.length);
  // Keeps the best `count` of what it is full of, each time that it is full.
  const ranks = new Float64Array(Math.min(logits.length, 2 * count + 256));
  let size = 0;
  let worst = Infinity;
  for (let id = 0; id < logits.length; id++) {
    if (logits[id] === -Infinity) continue;
    const rank = descending(logits[id] === 0 ? 0 : bits[id]) * ID_RANGE + id;
    if (rank > worst) continue;
    ranks[size++] = rank;
    if (size < ranks.length || count >= size) continue;
    ranks.sort();
    size = count;
    worst = ranks[count - 1];
  }
  return ranks
    .subarray(0, size)
    .sort()
    .subarray(0, count)
    .map((rank) => rank % ID_RANGE);
}

/** Returns a 32-bit integer that is smaller the larger the float32 with these bits is. */
function descending(bits: number): number {
  const isNegative = bits >= 2 ** 31;
  return isNegative ? bits : 2 ** 31 - 1 - bits;
}
