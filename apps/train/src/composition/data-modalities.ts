import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';

/** Modalities whose files are recognized in data that is passed as a path. */
export const dataModalities = createModalityRegistry(text(), image());
