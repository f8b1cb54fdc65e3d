export { nearestName } from './nearest-name.js';
export { invariant, TransfusionError, type TransfusionErrorCode } from './transfusion-error.js';
