/** What is wrong with a recipe, in words: each field, what it is, and what was expected. */
import { TransfusionError } from '@transfusion/errors';
import type { z } from 'zod';
import type { RecipeOptimizer } from './recipe.js';
import type { optimizer as optimizerField } from './schema-fields.js';

/** The optimizer with the defaults that depend on the length of the run. */
export function wholeOptimizer(given: z.output<typeof optimizerField>, totalSteps: number): RecipeOptimizer {
  return {
    ...given,
    finalLearningRate: given.finalLearningRate ?? 0.05 * given.learningRate,
    warmupSteps: given.warmupSteps ?? Math.min(4000, Math.floor(totalSteps / 20)),
  };
}

/** What does not fit together of a run's steps. */
export function stepMistakes({
  optimizer,
  totalSteps,
  evaluation,
  validation,
}: {
  readonly optimizer: z.output<typeof optimizerField>;
  readonly totalSteps: number;
  readonly evaluation?: object;
  readonly validation?: unknown;
}): string[] {
  const { warmupSteps = 0, learningRate, finalLearningRate = 0 } = optimizer;
  const isLate = warmupSteps >= totalSteps;
  const isRising = finalLearningRate > learningRate;
  return [
    isLate && `optimizer.warmupSteps is ${warmupSteps}, expected less than totalSteps (${totalSteps})`,
    isRising &&
      `optimizer.finalLearningRate is ${finalLearningRate}, expected at most learningRate (${learningRate})`,
    evaluation !== undefined && validation === undefined && 'evaluation needs validation, which is absent',
  ].filter((mistake) => mistake !== false);
}

export function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = formatPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const remedies = issue.message.split('; ');
    const prefix = path === '' ? '' : `${path}.`;
    return issue.keys.map((key, i) => `${prefix}${key} is not a field (${remedies[i]})`);
  }
  const found = issue.input === undefined ? 'missing' : show(issue.input);
  return [`${path === '' ? 'it' : path} is ${found}, expected ${issue.message}`];
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : `${text}${text === '' ? '' : '.'}${String(key)}`,
    '',
  );
}

export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

export function mistakes(where: string, found: readonly string[]): TransfusionError {
  const message = found.length === 1 ? `${where}: ${found[0]}.` : [`${where}:`, ...found].join('\n  ');
  return new TransfusionError('invalid-argument', message);
}
