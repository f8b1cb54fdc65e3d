/** Perplexity of texts, per token, word and byte, as lm-evaluation-harness defines them. */
import { TransfusionError } from '@transfusion/errors';
import { bootstrapInterval } from '../contract/bootstrap.js';
import type { EvaluatedExample, Evaluator, Metric, Provenance } from '../contract/evaluator.js';

/** Options of {@link perplexity}. */
export interface PerplexityOptions {
  /** Defaults to `perplexity`. */
  readonly name?: string;
  /** The texts, or a function that opens them anew: a generator can be read once only. */
  readonly texts: Iterable<string> | (() => Iterable<string> | AsyncIterable<string>);
  /** Origin of the texts, such as a file and its hash. */
  readonly provenance?: Provenance;
}

/** Result of a text. */
export type PerplexityResult = {
  /** Natural logarithm of its probability. */
  readonly logProb: number;
  readonly numTokens: number;
  readonly numWords: number;
  readonly numBytes: number;
};

/**
 * Creates an evaluator of perplexity: exp of the mean negative log-likelihood, over all tokens, words (as white space divides
 * them) and UTF-8 bytes of all texts together. Intervals are by the bootstrap of texts.
 */
export function perplexity({
  name = 'perplexity',
  texts,
  provenance = {},
}: PerplexityOptions): Evaluator<'rollingLogLikelihood', string, PerplexityResult> {
  return {
    specificationVersion: 'v1',
    name,
    needs: ['rollingLogLikelihood'],
    provenance,
    examples: () => (typeof texts === 'function' ? texts() : texts),
    async *evaluate({ rollingLogLikelihood }, examples): AsyncGenerator<EvaluatedExample<PerplexityResult>> {
      const sizes: Pick<PerplexityResult, 'numWords' | 'numBytes'>[] = [];
      async function* measured(): AsyncGenerator<string> {
        for await (const text of examples) {
          sizes.push(textSizes(name, text));
          yield text;
        }
      }
      for await (const { logProb, numTokens } of rollingLogLikelihood(measured())) {
        yield { result: { logProb, numTokens, ...sizes.shift()! } };
      }
    },
    summarize: (results) => perplexityMetrics(name, results),
  };
}

/** Counts words and bytes: a text has one word more than stretches of white space. */
function textSizes(name: string, text: unknown): Pick<PerplexityResult, 'numWords' | 'numBytes'> {
  if (typeof text === 'string') {
    return { numWords: text.split(/\s+/).length, numBytes: new TextEncoder().encode(text).length };
  }
  throw new TransfusionError(
    'invalid-argument',
    `${name}: found a text of type ${typeof text}, expected a string. Pass the texts themselves, not their records.`,
  );
}

/** Counts that a likelihood is divided by. */
type Count = 'numTokens' | 'numWords' | 'numBytes';

function perplexityMetrics(name: string, results: readonly PerplexityResult[]): Metric[] {
  const total = (count: Count): number => results.reduce((sum, result) => sum + result[count], 0);
  if (total('numTokens') === 0) {
    throw new TransfusionError(
      'invalid-argument',
      `${name}: found ${results.length} texts without a token, expected at least one token. Pass other texts.`,
    );
  }
  const natsPer = (count: Count, indices: Iterable<number>): number => {
    let [nats, sum] = [0, 0];
    for (const i of indices) {
      nats -= results[i].logProb;
      sum += results[i][count];
    }
    return nats / sum;
  };
  const metric = (label: string, count: Count, of: (nats: number) => number): Metric => {
    const statistic = (indices: Iterable<number>): number => of(natsPer(count, indices));
    return {
      name: label,
      value: statistic(results.keys()),
      count: total(count),
      interval: bootstrapInterval(results.length, statistic),
      betterIs: 'lower',
    };
  };
  const bitsPerByte = metric('bits per byte', 'numBytes', (nats) => nats / Math.LN2);
  const meanBytes = total('numBytes') / results.length;
  return [
    metric('perplexity per token', 'numTokens', Math.exp),
    metric('perplexity per word', 'numWords', Math.exp),
    metric('perplexity per byte', 'numBytes', Math.exp),
    // Each text's part of it, so that models are compared by pairs.
    {
      ...bitsPerByte,
      count: results.length,
      values: results.map(({ logProb }) => -logProb / Math.LN2 / meanBytes),
      unit: 'bits',
    },
  ];
}
