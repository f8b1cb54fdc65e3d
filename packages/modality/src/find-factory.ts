import { TransfusionError } from '@transfusion/errors';

/**
 * Finds the factory of a type.
 *
 * @param wanted the part that has the type, and the function that takes factories, for the message
 * @throws TransfusionError `not-found`, naming the types that there are
 */
export function findFactory<Factory extends { readonly type: string }>(
  factories: readonly Factory[],
  type: string,
  wanted: { readonly part: string; readonly takesFactories: string },
): Factory {
  const factory = factories.find((candidate) => candidate.type === type);
  if (factory !== undefined) return factory;
  const known = factories.map((candidate) => `'${candidate.type}'`).join(', ');
  throw new TransfusionError(
    'not-found',
    `${wanted.part} is of the type '${type}', but ` +
      `${known === '' ? 'there are no factories' : `the factories are of ${known}`}. ` +
      `Give ${wanted.takesFactories} a factory of the type '${type}', or open the run with its recipe (--recipe).`,
  );
}
