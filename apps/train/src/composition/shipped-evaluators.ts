import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emojiEvaluators } from '@transfusion/emoji';
import type { Evaluator } from '@transfusion/evaluators';

/** Evaluators of the models shipped with the CLI, by the model's name. */
export const shippedEvaluators: ReadonlyMap<string, () => Promise<readonly Evaluator[]>> = new Map([
  ['emoji', () => emojiEvaluators({ resolveFrom: [process.cwd(), dirname(fileURLToPath(import.meta.url))] })],
]);
