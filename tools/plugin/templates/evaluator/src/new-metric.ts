/** An evaluator of generated values: their mean absolute error against references. Replace it, and this comment. */
import { TransfusionError } from '@transfusion/errors';
import {
  meanMetric,
  numberedExamples,
  predictEach,
  type Evaluator,
  type GenerationTask,
  type NumberedExample,
} from '@transfusion/evaluators';

/** The prompt of a value, and the value that it should be like. */
export interface NewMetricExample {
  readonly prompt: GenerationTask['prompt'];
  readonly reference: ArrayLike<number>;
}

/** Options of {@link newMetric}. */
export interface NewMetricOptions {
  /** Name of the modality of the generated values, which are lists of numbers. */
  readonly output: string;
  /** Opens the examples, always the same in the same order. */
  readonly examples: () => AsyncIterable<NewMetricExample> | Iterable<NewMetricExample>;
}

/** Creates an evaluator that generates a value for each example. Lower is more similar, 0 for equal values. */
export function newMetric({
  output,
  examples,
}: NewMetricOptions): Evaluator<'generate', NumberedExample<NewMetricExample>, { readonly error: number }> {
  return {
    specificationVersion: 'v1',
    name: 'new-metric',
    needs: ['generate'],
    provenance: { output },
    // A value's seed is the number of its example: the same, however an evaluation is divided.
    examples: () => numberedExamples(examples()),
    async *evaluate({ generate }, numbered) {
      const generated = predictEach('newMetric', generate, numbered, ({ index, example }) => ({
        prompt: example.prompt,
        output,
        seed: index,
      }));
      for await (const [{ index, example }, value] of generated) {
        const { reference } = example;
        yield {
          result: { error: meanAbsoluteError(value as ArrayLike<number>, reference, index) },
          shown: [
            { label: 'generated', modality: output, value },
            { label: 'reference', modality: output, value: reference },
          ],
        };
      }
    },
    summarize: (results) => [
      meanMetric(
        'mean absolute error',
        results.map(({ error }) => error),
        { betterIs: 'lower' },
      ),
    ],
  };
}

function meanAbsoluteError(value: ArrayLike<number>, reference: ArrayLike<number>, index: number): number {
  if (value.length === 0 || value.length !== reference.length) {
    throw new TransfusionError(
      'mismatch',
      `newMetric: the value of example ${index} has ${value.length} numbers, expected ${reference.length}, as its reference ` +
        'has, and at least one. Resample it.',
    );
  }
  return Array.from(value).reduce((sum, x, i) => sum + Math.abs(x - reference[i]), 0) / value.length;
}
