import { TransfusionError } from '@transfusion/errors';

/**
 * Finds the factory of a type.
 *
 * @param context the part that has the type, and the function that takes factories, for the message
 * @throws TransfusionError `not-found`, naming the types of the factories
 */
export function findFactory<Factory extends { readonly type: string }>(
  factories: readonly Factory[],
  type: string,
  context: { readonly part: string; readonly takesFactories: string },
): Factory {
  const factory = factories.find((candidate) => candidate.type === type);
  if (factory !== undefined) return factory;
  const known = factories.map((candidate) => `'${candidate.type}'`).join(', ');
  throw new TransfusionError(
    'not-found',
    `${context.part} has the type '${type}', expected ` +
      `${known === '' ? 'none: there are no factories' : `one of ${known}`}. ` +
      `Pass ${context.takesFactories} a factory of the type '${type}', or open the run with its recipe (--recipe).`,
  );
}
