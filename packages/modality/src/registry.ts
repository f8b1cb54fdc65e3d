import { TransfusionError } from '@transfusion/errors';
import type { ContinuousModality, DiscreteModality, Modality } from './modality.js';

/** The modalities of a model: an immutable value, made once where a program is put together. */
export interface ModalityRegistry<M extends Modality = Modality> {
  /** In the order given. */
  readonly modalities: readonly M[];
  readonly discrete: readonly Extract<M, { kind: 'discrete' }>[];
  readonly continuous: readonly Extract<M, { kind: 'continuous' }>[];
  /** @throws TransfusionError `not-found`, naming those there are. */
  get<Name extends M['name']>(name: Name): Extract<M, { name: Name }>;
}

/** Names with a meaning of their own: in logs, counts and weights of losses, and as outputs of generation. */
const RESERVED_NAMES: Readonly<Record<string, string>> = {
  tokens: 'all discrete modalities together',
  loss: 'the loss of all modalities together',
  document: 'documents of all modalities',
};

// A modality's values appear as arguments of its methods, so a set of them is only typed by `any`.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyModality = DiscreteModality<string, any> | ContinuousModality<string, any>;

/**
 * Joins modalities, typed by what was put in.
 *
 * @throws TransfusionError `invalid-argument` if two have the same name, or a name cannot be part of
 *   a parameter's path or is `tokens`, `loss` or `document`; `mismatch` for something that is no modality of this version.
 */
export function createModalityRegistry<const M extends readonly AnyModality[]>(
  ...modalities: M
): ModalityRegistry<M[number]> {
  const byName = new Map<string, AnyModality>();
  for (const modality of modalities) {
    const { name } = modality;
    checkModality(modality);
    if (byName.has(name)) {
      throw new TransfusionError(
        'invalid-argument',
        `createModalityRegistry: two modalities are named '${name}'. Give one of them another name.`,
      );
    }
    byName.set(name, modality);
  }
  return {
    modalities,
    discrete: modalities.filter(({ kind }) => kind === 'discrete'),
    continuous: modalities.filter(({ kind }) => kind === 'continuous'),
    get: (name: string) => {
      const modality = byName.get(name);
      if (modality === undefined) {
        throw new TransfusionError(
          'not-found',
          `There is no modality '${name}', only ${[...byName.keys()].map((known) => `'${known}'`).join(', ')}.`,
        );
      }
      return modality;
    },
  } as unknown as ModalityRegistry<M[number]>;
}

function checkModality(modality: AnyModality): void {
  const { name, specificationVersion, kind } = modality;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new TransfusionError(
      'invalid-argument',
      `createModalityRegistry: '${name}' is no name for a modality, expected lower-case letters, digits and '-'.`,
    );
  }
  if (Object.hasOwn(RESERVED_NAMES, name)) {
    throw new TransfusionError(
      'invalid-argument',
      `createModalityRegistry: '${name}' stands for ${RESERVED_NAMES[name]}. Choose another name.`,
    );
  }
  if (specificationVersion !== 'v1') {
    throw new TransfusionError(
      'mismatch',
      `createModalityRegistry: '${name}' follows version ${String(specificationVersion)} of the contract, ` +
        "expected 'v1'. Use versions of the packages that belong together.",
    );
  }
  if (kind !== 'discrete' && kind !== 'continuous') {
    throw new TransfusionError(
      'mismatch',
      `createModalityRegistry: '${name}' is of the kind ${String(kind)}, expected 'discrete' or 'continuous'.`,
    );
  }
  if (kind === 'continuous' && modality.latentShapes.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      `createModalityRegistry: '${name}' has no latentShapes. Give it one at least.`,
    );
  }
}
