import type { ModalityFactory } from '@transfusion/modality';
import { imageFactory, imageTokensFactory } from '@transfusion/modality-image';
import { textFactory } from '@transfusion/modality-text';

/** Modalities that a checkpoint can be opened with by itself; others need the recipe. */
export const modalityFactories: readonly ModalityFactory[] = [
  textFactory(),
  imageFactory(),
  imageTokensFactory(),
];
