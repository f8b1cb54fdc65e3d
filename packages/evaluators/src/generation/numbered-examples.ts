/** Example with its place among all examples: shards of an evaluation generate with the seeds of the whole. */
export interface NumberedExample<Example> {
  readonly index: number;
  readonly example: Example;
}

/** Numbers examples from 0 on. */
export async function* numberedExamples<Example>(
  examples: AsyncIterable<Example> | Iterable<Example>,
): AsyncGenerator<NumberedExample<Example>> {
  let index = 0;
  for await (const example of examples) yield { index: index++, example };
}
