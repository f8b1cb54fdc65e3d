/** Multiple choice by log-likelihood, as lm-evaluation-harness scores it. */
import { TransfusionError } from '@transfusion/errors';
import type { EvaluatedExample, Evaluator, Provenance } from '../contract/evaluator.js';
import { meanMetric } from '../contract/mean-metric.js';
import type { LogLikelihoodRequest } from '../contract/predictors.js';

/** A question and its choices. */
export interface ChoiceExample {
  /** One for each choice: commonly one context, and the choices as continuations. */
  readonly requests: readonly LogLikelihoodRequest[];
  /** The choices, whose lengths normalize; by default the continuations. */
  readonly choices?: readonly string[];
  /** Indices of the right choices. */
  readonly answers: readonly number[];
}

/**
 * Share of examples with a right choice: of the largest log-likelihood (`acc`), of the largest per character (`acc_norm`),
 * or per UTF-8 byte (`acc_bytes`).
 */
export type ChoiceMetric = 'acc' | 'acc_norm' | 'acc_bytes';

/** All metrics of multiple choice. */
export const choiceMetrics: readonly ChoiceMetric[] = ['acc', 'acc_norm', 'acc_bytes'];

/** Options of {@link multipleChoice}. */
export interface MultipleChoiceOptions {
  readonly name: string;
  /** The examples, or a function that opens them anew: a generator can be read once only. */
  readonly examples: Iterable<ChoiceExample> | (() => Iterable<ChoiceExample> | AsyncIterable<ChoiceExample>);
  /** Defaults to `acc` and `acc_norm`. */
  readonly metrics?: readonly ChoiceMetric[];
  /** Origin of the examples, such as a file and its hash. */
  readonly provenance?: Provenance;
}

/** Result of an example. */
export type ChoiceResult = {
  readonly logProbs: readonly number[];
  /** Index of the choice, by metric. */
  readonly chosen: { readonly [metric: string]: number };
  readonly answers: readonly number[];
};

/** Creates an evaluator of multiple choice. Requests of one example follow each other, so that their context is computed once. */
export function multipleChoice({
  name,
  examples: source,
  metrics = ['acc', 'acc_norm'],
  provenance = {},
}: MultipleChoiceOptions): Evaluator<'logLikelihood', ChoiceExample, ChoiceResult> {
  return {
    specificationVersion: 'v1',
    name,
    needs: ['logLikelihood'],
    provenance,
    examples: () => (typeof source === 'function' ? source() : source),
    async *evaluate({ logLikelihood }, examples): AsyncGenerator<EvaluatedExample<ChoiceResult>> {
      const open: ChoiceExample[] = [];
      async function* requests(): AsyncGenerator<LogLikelihoodRequest> {
        let index = 0;
        for await (const example of examples) {
          checkExample(name, example, index++);
          open.push(example);
          yield* example.requests;
        }
      }
      let logProbs: number[] = [];
      for await (const { logProb } of logLikelihood(requests())) {
        logProbs.push(logProb);
        if (logProbs.length < open[0].requests.length) continue;
        yield chooseOf(open.shift()!, logProbs, metrics);
        logProbs = [];
      }
    },
    summarize: (results) =>
      metrics.map((metric) => {
        const isRight = ({ chosen, answers }: ChoiceResult): number =>
          answers.includes(chosen[metric]) ? 1 : 0;
        return meanMetric(metric, results.map(isRight), { betterIs: 'higher', unit: 'share' });
      }),
  };
}

function chooseOf(
  { requests, choices, answers }: ChoiceExample,
  logProbs: readonly number[],
  metrics: readonly ChoiceMetric[],
): EvaluatedExample<ChoiceResult> {
  const texts = choices ?? requests.map(({ continuation }) => continuation);
  const lengths: Record<ChoiceMetric, (text: string) => number> = {
    acc: () => 1,
    acc_norm: (text) => [...text].length,
    acc_bytes: (text) => new TextEncoder().encode(text).length,
  };
  const best = (metric: ChoiceMetric): number => {
    const scores = logProbs.map((logProb, i) => logProb / lengths[metric](texts[i]));
    return scores.indexOf(Math.max(...scores));
  };
  const chosen = Object.fromEntries(metrics.map((metric) => [metric, best(metric)]));
  return {
    result: { logProbs, chosen, answers },
    shown: [
      { label: 'question', modality: 'text', value: requests[0].context },
      { label: 'chosen', modality: 'text', value: texts[chosen[metrics[0]]] },
      { label: 'right', modality: 'text', value: answers.map((i) => texts[i]).join(' | ') },
    ],
  };
}

function checkExample(name: string, { requests, choices, answers }: ChoiceExample, index: number): void {
  const fail = (found: string, expected: string): never => {
    throw new TransfusionError(
      'invalid-argument',
      `${name}: example ${index} has ${found}, expected ${expected}.`,
    );
  };
  if (requests.length < 2) fail(`${requests.length} choices`, 'at least 2');
  if (choices !== undefined && choices.length !== requests.length) {
    fail(`${choices.length} choices and ${requests.length} requests`, 'one request for each choice');
  }
  if (answers.length === 0) fail('no right choice', 'at least one');
  const outside = answers.find(
    (answer) => !Number.isInteger(answer) || answer < 0 || answer >= requests.length,
  );
  if (outside !== undefined) fail(`the right choice ${outside}`, `0 to ${requests.length - 1}`);
  const empty = (choices ?? requests.map(({ continuation }) => continuation)).indexOf('');
  if (empty >= 0) fail(`the empty choice ${empty}`, 'a text');
}
