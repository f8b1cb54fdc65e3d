/** Parses a recipe, and reports all of its mistakes at once: each field, what was found, and what was expected. */
import { TransfusionError } from '@transfusion/errors';
import type { z } from 'zod';
import type { RecipeOptimizer } from './recipe.js';
import type { recipeFields } from './recipe-fields.js';

type OptimizerFields = z.output<(typeof recipeFields)['optimizer']>;

/** The fields that recipes of all kinds have. */
interface CommonFields {
  readonly optimizer: OptimizerFields;
  readonly totalSteps: number;
  readonly evaluation?: object;
  readonly validation?: unknown;
}

/** A parsed recipe, its optimizer complete. */
export type Parsed<Fields extends CommonFields> = Omit<Fields, 'optimizer'> & {
  readonly optimizer: RecipeOptimizer;
};

/**
 * Parses the options of a recipe with a schema of {@link recipeFields}.
 *
 * @param furtherMistakes returns what is wrong with fields that are right by themselves
 * @throws TransfusionError `invalid-argument`, naming each wrong field, what was found and what was expected
 */
export function parseRecipe<Schema extends z.ZodType<CommonFields>>(
  schema: Schema,
  options: unknown,
  furtherMistakes: (parsed: z.output<Schema>) => readonly string[],
): Parsed<z.output<Schema>> {
  const where = recipeTitle(options);
  const { data: parsed, error } = schema.safeParse(options, { reportInput: true });
  if (error !== undefined) throw mistakes(where, error.issues.flatMap(describeIssue));
  const wrong = [...stepMistakes(parsed), ...furtherMistakes(parsed)];
  if (wrong.length > 0) throw mistakes(where, wrong);
  return { ...parsed, optimizer: completeOptimizer(parsed.optimizer, parsed.totalSteps) };
}

/** `recipe 'mine'`, as messages begin. */
export function recipeTitle(options: unknown): string {
  const name = (options as { name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name !== '' ? `recipe '${name}'` : 'recipe';
}

/** Formats a value as messages show it. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** Fills in the defaults that depend on the length of the run. */
function completeOptimizer(optimizer: OptimizerFields, totalSteps: number): RecipeOptimizer {
  return {
    ...optimizer,
    finalLearningRate: optimizer.finalLearningRate ?? 0.05 * optimizer.learningRate,
    warmupSteps: optimizer.warmupSteps ?? Math.min(4000, Math.floor(totalSteps / 20)),
  };
}

function stepMistakes({ optimizer, totalSteps, evaluation, validation }: CommonFields): string[] {
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

function describeIssue(issue: z.core.$ZodIssue): string[] {
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

function mistakes(where: string, found: readonly string[]): TransfusionError {
  const message = found.length === 1 ? `${where}: ${found[0]}.` : [`${where}:`, ...found].join('\n  ');
  return new TransfusionError('invalid-argument', message);
}
