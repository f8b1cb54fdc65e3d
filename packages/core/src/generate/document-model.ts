import type { ModalityRegistry, Vocabulary } from '@transfusion/modality';

/** A model, as far as documents depend on it. */
export interface DocumentModel {
  readonly modalities: ModalityRegistry;
  readonly vocabulary: Vocabulary;
}
