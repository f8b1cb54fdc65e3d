import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';

/** Modalities whose files are found in data that is named by its path alone. */
export const dataModalities = createModalityRegistry(text(), image());
