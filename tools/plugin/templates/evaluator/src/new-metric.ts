/** An evaluator of generated values: their mean absolute error against references. Replace it, and this comment. */
import { TransfusionError } from '@transfusion/errors';
import { meanMetric, type Evaluator, type GenerationTask } from '@transfusion/evaluators';

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

/** An example with the seed of its value: the same, however an evaluation is divided. */
interface SeededExample extends NewMetricExample {
  readonly seed: number;
}

/** Creates an evaluator that generates a value for each example. Lower is more similar, 0 for equal values. */
export function newMetric({
  output,
  examples,
}: NewMetricOptions): Evaluator<'generate', SeededExample, { readonly error: number }> {
  return {
    specificationVersion: 'v1',
    name: 'new-metric',
    needs: ['generate'],
    provenance: { output },
    async *examples() {
      let seed = 0;
      for await (const example of examples()) yield { ...example, seed: seed++ };
    },
    async *evaluate({ generate }, seeded) {
      const pending: SeededExample[] = [];
      async function* tasks(): AsyncGenerator<GenerationTask> {
        for await (const example of seeded) {
          pending.push(example);
          yield { prompt: example.prompt, output, seed: example.seed };
        }
      }
      for await (const value of generate(tasks())) {
        const { reference, seed } = pending.shift()!;
        const error = meanAbsoluteError(value as ArrayLike<number>, reference, seed);
        yield {
          result: { error },
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
