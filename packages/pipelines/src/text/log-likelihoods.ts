/**
 * Likelihoods of continuations, as lm-evaluation-harness's `HFLM.loglikelihood` computes them with BOS before each context.
 * The context's keys and values are shared by continuations that follow each other.
 */
import type { TokenSequence } from '@transfusion/core';
import { checkFields, TransfusionError } from '@transfusion/errors';
import type { TrainedModel } from '../trained-model.js';
import { checkMaxLength, DEFAULT_MAX_LENGTH } from './check-window.js';
import { scoreSequences } from './score-sequences.js';
import { textEncoder, type TextEncoder } from './text-encoder.js';

/** A text whose likelihood is asked for. */
export interface LogLikelihoodRequest {
  /** Text before it; may be empty. */
  readonly context: string;
  readonly continuation: string;
}

/** Likelihood of a continuation, given its context. */
export interface LogLikelihood {
  /** Sum of the natural logarithms of its tokens' probabilities. */
  readonly logProb: number;
  readonly numTokens: number;
  /** True if each of its tokens is the most likely one. */
  readonly isGreedy: boolean;
}

/** Options of {@link logLikelihoods}. */
export interface LogLikelihoodsOptions {
  /** Positions that the model sees at a time; longer contexts lose their beginning. Defaults to 2048. */
  readonly maxLength?: number;
  /** Defaults to true; false computes each context again for each continuation, to compare with. */
  readonly sharePrefixes?: boolean;
}

const fields: Readonly<Record<keyof LogLikelihoodsOptions, true>> = { maxLength: true, sharePrefixes: true };

/**
 * Computes the likelihood of each continuation, in order and in batches; the next requests are pulled only after a batch is
 * finished. Context and continuation are tokenized together; spaces at the end of a context count as the continuation's. An
 * empty context is BOS.
 *
 * @throws TransfusionError `invalid-argument` for options out of range, an empty continuation or one longer than `maxLength`;
 *   `not-found` for a model without text
 */
export async function* logLikelihoods(
  trained: TrainedModel,
  requests: Iterable<LogLikelihoodRequest> | AsyncIterable<LogLikelihoodRequest>,
  options: LogLikelihoodsOptions = {},
): AsyncGenerator<LogLikelihood, void> {
  checkFields('logLikelihoods: options', options, fields);
  const { maxLength = DEFAULT_MAX_LENGTH, sharePrefixes = true } = options;
  checkMaxLength('logLikelihoods', maxLength);
  const encode = textEncoder(trained);
  const { bos } = trained.model.vocabulary;
  async function* sequences(): AsyncGenerator<TokenSequence, void> {
    let index = 0;
    for await (const request of requests) {
      yield truncated(await encodePair(encode, bos, request, index), maxLength, index);
      index++;
    }
  }
  for await (const { logProbs, isGreedy } of scoreSequences(trained, sequences(), sharePrefixes)) {
    yield {
      logProb: logProbs.reduce((sum, logProb) => sum + logProb, 0),
      numTokens: logProbs.length,
      isGreedy: isGreedy.every((flag) => flag === 1),
    };
  }
}

/** Tokenizes context and continuation together: the continuation's tokens are those behind the context's own. */
export async function encodePair(
  encode: TextEncoder,
  bos: number,
  { context, continuation }: LogLikelihoodRequest,
  index: number,
): Promise<TokenSequence> {
  const where = `logLikelihoods: request ${index}`;
  const whole = await encode(context + continuation, where);
  const own = await encode(context.trimEnd(), where);
  return { ids: Int32Array.of(bos, ...whole), contextLength: 1 + own.length };
}

function truncated({ ids, contextLength }: TokenSequence, maxLength: number, index: number): TokenSequence {
  const numTokens = ids.length - contextLength;
  if (numTokens < 1 || numTokens > maxLength) {
    throw new TransfusionError(
      'invalid-argument',
      `logLikelihoods: the continuation of request ${index} has ${Math.max(0, numTokens)} tokens, expected 1 to ${maxLength} (maxLength). Give a text of that length.`,
    );
  }
  // The last token is only predicted.
  const surplus = Math.max(0, ids.length - (maxLength + 1));
  return { ids: ids.subarray(surplus), contextLength: contextLength - surplus };
}
