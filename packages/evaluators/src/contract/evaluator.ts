/** The contract of evaluators: examples, a result for each of them, and metrics of all results. */
import type { Predictors } from './predictors.js';

/** A value that JSON holds. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Result of one example; written to a file, so that an evaluation can be continued, divided and compared. */
export type ExampleResult = { readonly [key: string]: Json };

/** A value to look at, in a report: `{ label: 'generated', modality: 'image', value }`. */
export interface ShownValue {
  readonly label: string;
  readonly modality: string;
  readonly value: unknown;
}

/** One evaluated example. */
export interface EvaluatedExample<Result extends ExampleResult = ExampleResult> {
  readonly result: Result;
  /** Inputs and outputs, for reports. */
  readonly shown?: readonly ShownValue[];
}

/** A number of an evaluation. */
export interface Metric {
  /** Unique in its evaluator: `perplexity per word`. */
  readonly name: string;
  readonly value: number;
  /** Number of samples behind it. */
  readonly count: number;
  /** Confidence interval of 95 %; absent where none can be given. */
  readonly interval?: readonly [low: number, high: number];
  /** Values of the samples that `value` is the mean of, in order of the examples; models are compared by them, pairwise. */
  readonly values?: readonly number[];
  /** Absent where neither direction is better. */
  readonly betterIs?: 'higher' | 'lower';
  /** Form in reports; defaults to a plain number. */
  readonly unit?: 'share' | 'dB' | 'nats' | 'bits';
}

/** Everything else that the numbers depend on, besides the model: hashes of files, sizes, filters. */
export type Provenance = Readonly<Record<string, string | number>>;

/**
 * An evaluator. It sees prediction functions, never the model, and declares which ones it needs. Examples are evaluated in
 * order; a divided evaluation takes every n-th.
 */
export interface Evaluator<
  Need extends keyof Predictors = keyof Predictors,
  Example = unknown,
  Result extends ExampleResult = ExampleResult,
> {
  readonly specificationVersion: 'v1';
  /** Unique among the evaluators of a run, in kebab-case. */
  readonly name: string;
  readonly needs: readonly Need[];
  readonly provenance: Provenance;
  /**
   * Opens the examples from their beginning: always the same, in the same order. What is random in an evaluation is part of
   * its example, such as a seed, so that divided and continued evaluations have the results of the whole.
   */
  examples(): AsyncIterable<Example> | Iterable<Example>;
  /** Evaluates examples: yields one result for each, in order. */
  evaluate(
    predict: Pick<Predictors, Need>,
    examples: AsyncIterable<Example>,
  ): AsyncIterable<EvaluatedExample<Result>>;
  /**
   * Computes the metrics of the results of all examples, in order.
   *
   * @throws TransfusionError `invalid-argument` for too few results
   */
  summarize(results: readonly Result[]): readonly Metric[] | Promise<readonly Metric[]>;
}
