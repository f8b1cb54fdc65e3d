import { TransfusionError } from '@transfusion/errors';

/**
 * Yields each example with what the model predicts for it, in order. The prediction function may read ahead.
 *
 * @param where the evaluator in messages
 * @throws TransfusionError `mismatch` if the function yields more or fewer values than there are tasks
 */
export async function* predictEach<Example, Task>(
  where: string,
  predict: (tasks: AsyncIterable<Task>) => AsyncIterable<unknown>,
  examples: AsyncIterable<Example>,
  taskOf: (example: Example) => Task,
): AsyncGenerator<readonly [example: Example, value: unknown]> {
  const waiting: Example[] = [];
  let numTasks = 0;
  let numValues = 0;
  async function* tasks(): AsyncGenerator<Task> {
    for await (const example of examples) {
      waiting.push(example);
      numTasks++;
      yield taskOf(example);
    }
  }
  for await (const value of predict(tasks())) {
    if (++numValues > numTasks) break;
    yield [waiting.shift()!, value];
  }
  if (numValues === numTasks) return;
  throw new TransfusionError(
    'mismatch',
    `${where}: the model predicted ${numValues > numTasks ? 'more than ' : ''}${Math.min(numValues, numTasks)} ` +
      `values for ${numTasks} tasks, expected one per task. Yield a value for each task, in order.`,
  );
}
