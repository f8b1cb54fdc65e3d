/** Zod schemas of the fields of recipes. The text beside each type completes `expected …` in error messages. */
import { lora, loraTargets } from '@transfusion/core';
import { nearestName } from '@transfusion/errors';
import { z } from 'zod';
import type { OpenSources } from './recipe.js';

const number = (expected: string) => z.number(expected);
const integer = (expected: string) => number(expected).int(expected);

const positive = number('a positive number').positive('a positive number');
const notNegative = number('a non-negative number').min(0, 'a non-negative number');
const count = integer('a positive integer').positive('a positive integer');
const countOrZero = integer('a non-negative integer').min(0, 'a non-negative integer');
const fraction = number('a number above 0, up to 1')
  .positive('a number above 0, up to 1')
  .max(1, 'a number above 0, up to 1');
const decay = number('a number from 0 to less than 1')
  .min(0, 'a number from 0 to less than 1')
  .lt(1, 'a number from 0 to less than 1');

/** Creates the schema of an object with these keys and no others. */
function section<const Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return 'an object';
      return (issue as z.core.$ZodIssueUnrecognizedKeys).keys.map((key) => suggestion(key, known)).join('; ');
    },
  });
}

/** Suggests the known name nearest to an unknown one, or lists all of them. */
export function suggestion(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  return nearest === undefined ? `one of ${known.join(', ')}` : `did you mean ${nearest}?`;
}

/** Building blocks for the schemas of all kinds of recipes; see `parseRecipe`. */
export const recipeFields = {
  section,
  positive,
  notNegative,
  count,
  countOrZero,
  fraction,
  name: z.string('a name').min(1, 'a name'),
  flag: z.boolean('true or false'),
  sources: z.custom<OpenSources>(
    (value) => typeof value === 'function',
    'a function that returns a list of sources',
  ),
  optimizer: section({
    learningRate: positive.default(3e-4),
    finalLearningRate: notNegative.optional(),
    warmupSteps: countOrZero.optional(),
    beta1: decay.default(0.9),
    beta2: decay.default(0.95),
    epsilon: positive.default(1e-8),
    weightDecay: notNegative.default(0.1),
    clipNorm: positive.default(1),
    emaDecay: decay.default(0.999),
  }),
  checkpoints: section({ every: count.default(500), keep: count.default(3) }),
  lora: section({
    rank: count,
    alpha: positive.optional(),
    targets: z
      .array(z.enum(loraTargets, `one of ${loraTargets.join(', ')}`), 'a list of projections')
      .min(1, 'at least one projection')
      .refine((targets) => new Set(targets).size === targets.length, 'each projection once')
      .readonly()
      .optional(),
  }).transform(lora),
};
