/** Parses a recipe and reports all issues at once: each field, what was found, and what was expected. */
import { TransfusionError } from '@transfusion/errors';
import type { z } from 'zod';
import type { RecipeOptimizer } from './recipe.js';
import type { recipeFields } from './recipe-fields.js';

type OptimizerFields = z.output<(typeof recipeFields)['optimizer']>;

/** The fields that all kinds of recipes have. */
interface CommonFields {
  readonly optimizer: OptimizerFields;
  readonly totalSteps: number;
  readonly evaluation?: object;
  readonly validation?: unknown;
}

/** A parsed recipe, with all defaults of the optimizer. */
export type ParsedRecipe<Fields extends CommonFields> = Omit<Fields, 'optimizer'> & {
  readonly optimizer: RecipeOptimizer;
};

/**
 * Parses the options of a recipe with a schema of {@link recipeFields}.
 *
 * @param findIssues checks that valid fields fit together, and describes those that do not
 * @throws TransfusionError `invalid-argument`, naming each invalid field, what was found and what was expected
 */
export function parseRecipe<Schema extends z.ZodType<CommonFields>>(
  schema: Schema,
  options: unknown,
  findIssues: (parsed: z.output<Schema>) => readonly string[],
): ParsedRecipe<z.output<Schema>> {
  const title = recipeTitle(options);
  const { data: parsed, error } = schema.safeParse(options, { reportInput: true });
  if (error !== undefined) throw issuesError(title, error.issues.flatMap(describeIssue));
  const issues = [...findStepIssues(parsed), ...findIssues(parsed)];
  if (issues.length > 0) throw issuesError(title, issues);
  return { ...parsed, optimizer: completeOptimizer(parsed.optimizer, parsed.totalSteps) };
}

/** Returns the beginning of messages: `recipe 'mine'`. */
export function recipeTitle(options: unknown): string {
  const name = (options as { name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name !== '' ? `recipe '${name}'` : 'recipe';
}

/** Formats a value for messages. */
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

function findStepIssues({ optimizer, totalSteps, evaluation, validation }: CommonFields): string[] {
  const { warmupSteps = 0, learningRate, finalLearningRate = 0 } = optimizer;
  const isWarmupTooLong = warmupSteps >= totalSteps;
  const isRateRising = finalLearningRate > learningRate;
  return [
    isWarmupTooLong &&
      `optimizer.warmupSteps is ${warmupSteps}, expected less than totalSteps (${totalSteps})`,
    isRateRising &&
      `optimizer.finalLearningRate is ${finalLearningRate}, expected at most learningRate (${learningRate})`,
    evaluation !== undefined && validation === undefined && 'evaluation requires validation, which is absent',
  ].filter((issue) => issue !== false);
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = formatPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const suggestions = issue.message.split('; ');
    const prefix = path === '' ? '' : `${path}.`;
    return issue.keys.map((key, i) => `${prefix}${key} is not a field (${suggestions[i]})`);
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

function issuesError(title: string, issues: readonly string[]): TransfusionError {
  const message = issues.length === 1 ? `${title}: ${issues[0]}.` : [`${title}:`, ...issues].join('\n  ');
  return new TransfusionError('invalid-argument', message);
}
