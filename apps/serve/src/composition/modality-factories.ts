import type { ModalityFactory } from '@transfusion/modality';
import { imageFactory, imageTokensFactory } from '@transfusion/modality-image';
import { textFactory } from '@transfusion/modality-text';

/** Factories that rebuild modalities from a checkpoint alone; checkpoints with other modalities need their recipe. */
export const modalityFactories: readonly ModalityFactory[] = [
  textFactory(),
  imageFactory(),
  imageTokensFactory(),
];
