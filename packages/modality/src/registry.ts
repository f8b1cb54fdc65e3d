import { TransfusionError } from '@transfusion/errors';
import { checkModality } from './check-modality.js';
import type { ContinuousModality, DiscreteModality, Modality } from './modality.js';

/** The modalities of a model; immutable. */
export interface ModalityRegistry<M extends Modality = Modality> {
  /** In registration order. */
  readonly modalities: readonly M[];
  readonly discrete: readonly Extract<M, { kind: 'discrete' }>[];
  readonly continuous: readonly Extract<M, { kind: 'continuous' }>[];
  /** Returns a modality by name. @throws TransfusionError `not-found`, listing the known names */
  get<Name extends M['name']>(name: Name): Extract<M, { name: Name }>;
}

// `Value` is contravariant, as an argument of methods: only `any` allows modalities with different values.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyModality = DiscreteModality<string, any> | ContinuousModality<string, any>;

/**
 * Creates a registry, typed by its modalities.
 *
 * @throws TransfusionError `invalid-argument` for two modalities of one name, a reserved name (`tokens`, `loss`,
 *   `document`) or another field that is wrong; `mismatch` for a modality of another major version of the contract
 */
export function createModalityRegistry<const M extends readonly AnyModality[]>(
  ...modalities: M
): ModalityRegistry<M[number]> {
  const byName = new Map<string, AnyModality>();
  for (const [i, modality] of modalities.entries()) {
    checkIsModality(modality, i);
    const { name } = modality;
    checkModality(modality);
    if (byName.has(name)) {
      throw new TransfusionError(
        'invalid-argument',
        `createModalityRegistry: two modalities are named '${name}', expected unique names. Rename one of them.`,
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
          `unknown modality '${name}', expected one of ${[...byName.keys()].map((known) => `'${known}'`).join(', ')}. ` +
            'Fix the name, or add the modality to the registry.',
        );
      }
      return modality;
    },
  } as unknown as ModalityRegistry<M[number]>;
}

function checkIsModality(modality: unknown, index: number): void {
  if (typeof modality === 'object' && modality !== null && 'kind' in modality && 'name' in modality) return;
  const found = Array.isArray(modality)
    ? 'an array. Pass the modalities as arguments: createModalityRegistry(...modalities)'
    : typeof modality === 'function'
      ? 'a function. Call it: createModalityRegistry(text(), image(…))'
      : `${modality === null ? 'null' : typeof modality}. Pass modalities, such as text()`;
  throw new TransfusionError(
    'invalid-argument',
    `createModalityRegistry: expected a modality as argument ${index}, found ${found}.`,
  );
}
