import { TransfusionError } from '@transfusion/errors';
import type { Modality, ModalityRegistry } from '@transfusion/modality';

/**
 * Returns the first modality that accepts a value.
 *
 * @param what names such values in the message: `text`
 * @throws TransfusionError `not-found` if there is none
 */
export function modalityOf({ modalities }: ModalityRegistry, value: unknown, what: string): Modality {
  const found = modalities.find((modality) => modality.accepts(value));
  if (found !== undefined) return found;
  const names = modalities.map(({ name }) => `'${name}'`).join(', ');
  throw new TransfusionError(
    'not-found',
    `The model has no modality of ${what}, only ${names}. Use a model that was trained with one.`,
  );
}
