import { TransfusionError } from '@transfusion/errors';
import type { Modality, ModalityRegistry } from '@transfusion/modality';

/**
 * Returns the first modality that accepts a value.
 *
 * @param kind names the modality in the error message, such as `text` or `image`
 * @throws TransfusionError `not-found` if no modality accepts the value
 */
export function modalityAccepting({ modalities }: ModalityRegistry, value: unknown, kind: string): Modality {
  const modality = modalities.find((candidate) => candidate.accepts(value));
  if (modality !== undefined) return modality;
  const names = modalities.map(({ name }) => `'${name}'`).join(', ');
  throw new TransfusionError(
    'not-found',
    `The model has no ${kind} modality, only ${names}. Use a model that was trained with one.`,
  );
}
