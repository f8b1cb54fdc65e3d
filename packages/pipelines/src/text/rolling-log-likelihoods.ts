/**
 * Likelihoods of whole texts by a sliding window, for perplexity. With a stride of a whole window it is
 * lm-evaluation-harness's `HFLM.loglikelihood_rolling`.
 */
import type { TokenSequence } from '@transfusion/core';
import { checkFields } from '@transfusion/errors';
import type { TrainedModel } from '../trained-model.js';
import { checkMaxLength, checkStride, DEFAULT_MAX_LENGTH } from './check-window.js';
import { scoreSequences } from './score-sequences.js';
import { textEncoder } from './text-encoder.js';

/** Likelihood of a text. */
export interface RollingLogLikelihood {
  /** Sum of the natural logarithms of its tokens' probabilities. */
  readonly logProb: number;
  readonly numTokens: number;
}

/** Options of {@link rollingLogLikelihoods}. */
export interface RollingLogLikelihoodsOptions {
  /** Positions that the model sees at a time: the row length that it was trained with. Defaults to 2048. */
  readonly maxLength?: number;
  /**
   * Tokens that each window scores; the others are context. Defaults to `maxLength`: windows side by side. Smaller strides
   * give more context, and take longer.
   */
  readonly stride?: number;
}

const fields: Readonly<Record<keyof RollingLogLikelihoodsOptions, true>> = { maxLength: true, stride: true };

/**
 * Computes the likelihood of each text, in order: each token is scored once, the first one given BOS. An empty text has no
 * tokens.
 *
 * @throws TransfusionError `invalid-argument` for options out of range, `not-found` for a model without text
 */
export async function* rollingLogLikelihoods(
  trained: TrainedModel,
  texts: Iterable<string> | AsyncIterable<string>,
  options: RollingLogLikelihoodsOptions = {},
): AsyncGenerator<RollingLogLikelihood, void> {
  checkFields('rollingLogLikelihoods: options', options, fields);
  const { maxLength = DEFAULT_MAX_LENGTH, stride = maxLength } = options;
  checkMaxLength('rollingLogLikelihoods', maxLength);
  checkStride('rollingLogLikelihoods', stride, maxLength);
  const encode = textEncoder(trained);
  const { bos } = trained.model.vocabulary;
  /** Texts whose windows are not all scored. */
  const open: { numWindows: number; logProb: number; numTokens: number }[] = [];
  async function* sequences(): AsyncGenerator<TokenSequence, void> {
    let index = 0;
    for await (const text of texts) {
      const tokens = await encode(text, `rollingLogLikelihoods: text ${index++}`);
      const windows = rollingWindows(Int32Array.of(bos, ...tokens), maxLength, stride);
      open.push({ numWindows: windows.length, logProb: 0, numTokens: tokens.length });
      yield* windows;
    }
  }
  function* finished(): Generator<RollingLogLikelihood, void> {
    while (open.length > 0 && open[0].numWindows === 0) {
      const { logProb, numTokens } = open.shift()!;
      yield { logProb, numTokens };
    }
  }
  for await (const { logProbs } of scoreSequences(trained, sequences(), false)) {
    yield* finished();
    const [text] = open;
    text.logProb += logProbs.reduce((sum, logProb) => sum + logProb, 0);
    text.numWindows--;
    yield* finished();
  }
  yield* finished();
}

/**
 * Divides a text into windows of at most `maxLength` inputs: the first one scores as many tokens as it has, each other one
 * the next `stride` tokens.
 *
 * @param ids BOS and the tokens of the text
 */
export function rollingWindows(ids: Int32Array, maxLength: number, stride: number): TokenSequence[] {
  const windows: TokenSequence[] = [];
  for (let scored = 0; scored < ids.length - 1;) {
    const end = Math.min(scored + (scored === 0 ? maxLength : stride), ids.length - 1);
    // `end` inputs before the last scored token, at most `maxLength` of them.
    const start = Math.max(0, end - maxLength);
    windows.push({ ids: ids.subarray(start, end + 1), contextLength: 1 + scored - start });
    scored = end;
  }
  return windows;
}
