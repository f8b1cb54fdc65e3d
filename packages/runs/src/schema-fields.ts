/** Fields that recipes are made of, for zod. The text beside each type is what a message says was expected. */
import { z } from 'zod';
import { nearestName } from './nearest-name.js';
import type { OpenSources } from './recipe.js';

const number = (expected: string) => z.number(expected);
const whole = (expected: string) => number(expected).int(expected);

export const positive = number('a positive number').positive('a positive number');
export const notNegative = number('a number of at least 0').min(0, 'a number of at least 0');
export const count = whole('a positive whole number').positive('a positive whole number');
export const countOrZero = whole('a whole number of at least 0').min(0, 'a whole number of at least 0');
export const someShare = number('a number above 0, up to 1')
  .positive('a number above 0, up to 1')
  .max(1, 'a number above 0, up to 1');
const rate = number('a number from 0 to less than 1')
  .min(0, 'a number from 0 to less than 1')
  .lt(1, 'a number from 0 to less than 1');
export const name = z.string('a name').min(1, 'a name');
export const flag = z.boolean('true or false');

/** An object of these keys and no others. */
export function section<const Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return 'an object';
      return (issue as z.core.$ZodIssueUnrecognizedKeys).keys.map((key) => suggestion(key, known)).join('; ');
    },
  });
}

/** What an unknown key is probably meant to be. */
export function suggestion(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  return nearest === undefined ? `one of ${known.join(', ')}` : `did you mean ${nearest}?`;
}

export const openSources = z.custom<OpenSources>(
  (value) => typeof value === 'function',
  'a function that returns a list of sources',
);

export const optimizer = section({
  learningRate: positive.default(3e-4),
  finalLearningRate: notNegative.optional(),
  warmupSteps: countOrZero.optional(),
  beta1: rate.default(0.9),
  beta2: rate.default(0.95),
  epsilon: positive.default(1e-8),
  weightDecay: notNegative.default(0.1),
  clipNorm: positive.default(1),
  emaDecay: rate.default(0.999),
});
