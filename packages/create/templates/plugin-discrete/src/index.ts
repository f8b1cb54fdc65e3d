export {
  newModality,
  newModalityFactory,
  type NewModality,
  type NewModalityOptions,
} from './new-modality.js';
